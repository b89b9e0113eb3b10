"""On what ground a step rests and which use of AI it is about, by their words. Pure."""

from __future__ import annotations

import re

_ARTICLES = re.compile(
    r"\b(?:art(?:icles?|ikeln?|ículos?|igos?|icol[io]|\.)?s?)\s?(\d{1,2})(?:\s?\(\d\))?(?=[^.;]{0,60}(?:gdpr|dsgvo|rgpd|avg|rodo))",
    re.I,
)
_LAWS = {
    "UK GDPR": r"\buk gdpr\b", "GDPR": r"(?<!uk )\b(?:gdpr|dsgvo|ds-gvo|rgpd|rodo)\b|\bAVG\b", "BIPA": r"\bbipa\b|biometric information privacy act",
    "COPPA": r"\bcoppa\b|children's online privacy", "FTC Act s.5": r"\bftc act\b|section 5 of the ftc", "LGPD": r"\blgpd\b", "CCPA": r"\bccpa\b|\bcpra\b",
    "PIPA": r"\bpipa\b|개인정보 ?보호법", "APPI": r"個人情報保護法|\bappi\b", "PIPEDA": r"\bpipeda\b", "Privacy Act": r"\bprivacy act\b", "DPA 2018": r"data protection act", "CUBI": r"\bcubi\b",
    "AI Act": r"\bai act\b|ki-verordnung|règlement (?:sur l')?ia\b", "Law Enforcement Directive": r"law enforcement directive",
}  # fmt: skip
_LAW = {name: re.compile(pattern, re.I if name != "AVG" else 0) for name, pattern in _LAWS.items()}

_LEGS = (
    ("face or biometric", r"facial|face[- ]|faces|biometri|iris|gesicht|rostro|rosto|visage|volto|twarz|gezicht|voiceprint|얼굴|안면|홍채|顔|虹彩"),
    ("training data", r"train|entraîn|entren|addestr|trein|trenow|학습|学習"),
    ("automated decisions", r"algorithm|automated|automatis|automatiz|automatiser|scor|profil|algoritm|알고리즘|자동"),
    ("scraping", r"scrap|harvest|moissonn"),
    ("assistant or wearable", r"smart glasses|alexa|siri|voice assistant|wearable|assistant vocal|sprachassist"),
    ("generative or chatbot", r"chat|gener|llm|language model|grok|deepseek|replika|gpt|챗|딥시크|生成"),
)  # fmt: skip
_LEG = tuple((name, re.compile(pattern)) for name, pattern in _LEGS)


def legal_basis(text: str) -> tuple[tuple[str, ...], str | None]:
    """The laws and GDPR articles named, and the words of the first of them."""
    found = [(m.start(), name, m[0]) for name, p in _LAW.items() if (m := p.search(text))]
    articles = sorted({int(n) for n in _ARTICLES.findall(text) if int(n) < 100})
    names = (*(name for _, name, _ in found), *(f"Art. {n}" for n in articles))
    return names, min(found)[2] if found else None


def ai_leg(text: str) -> tuple[str | None, str | None]:
    """Which use of AI the step is about, by the words that occur most, and the first of them."""
    folded = text.lower()
    counts = [(len(p.findall(folded)), -n, name) for n, (name, p) in enumerate(_LEG)]
    most, place, name = max(counts)
    if not most:
        return None, None
    words = _LEG[-place][1].search(folded)
    return name, text[words.start() : words.end()] if words else None
