"""Which kind of step a text tells of: the closed list of actions, by words in ten languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PATTERNS = {
    "fine": r"\bfin(?:e|es|ed|ing)\b(?! print)|penalt(?:y|ies)|penali[sz]e|\bamendes?\b|bu[sß]{1,2}gel|bußgeld|geldbuße|\bstrafe\b|strafzahlung|\bmult(?:a|e|as|ata|ato|ado|ada|ou|azo|ará|ó)\b|sanzion[eai](?:ta|to|re|ti)?\b|sanción|sanciona|sancion(?:ó|ado|ada)|sanctionn|sanction de|\bcoimas?\b|boetes?\b|beboet|astreinte de|liquid\w+ l.astreinte|\bkar[aęyą]\b|ukaran|grzywn|과징금|과태료|벌금|制裁金|課徴金|罰金|罚款|\bmust pay|\bhas to pay|\bmuss\b.{0,40}\bzahlen|\bdoit (?:payer|verser|régler)|dovrà pagare|deberá pagar|\bter[áã]o? (?:de|que) pagar|moet .{0,40}betalen|musi zapłacić|böter|sanktionsavgift|bøde|gebyr",
    "settlement": r"settle(?:s|d|ment)?\b|agrees? to pay|consent (?:order|decree)|\bvergleich\b|accordo transattivo|acuerdo extrajudicial|\btransaction (?:pénale|avec|de \d)|schikking|ugod[aęy]\b|\bto pay\b(?=.{0,60}(?:texas|illinois|ftc|attorney))",
    "court-ruling": r"\bcourts?\b|condenad[oa]|condenação|tribunal de justiça|void(?:s|ed)\b|\b(?:rul(?:es|ed|ing)|uph(?:olds|eld)|overturn(?:s|ed)?|quash(?:es|ed)?|annul(?:s|led)?)\b|tribunal\b.{0,40}(?:rul|restor|overturn|dismiss|annul)|judges?\b|high court|supreme court|urteil\w*|\b(?:gericht|landgericht|oberlandesgericht|verwaltungsgericht|bgh|eugh|olg)\b|sentenza|cassazione|\btribunale\b|sentencia|\btribunal\b|audiencia nacional|decisão judicial|\bjustiça\b|conseil d.[ée]tat|tribunal administratif|\bcour\b|rechter|rechtbank|gerechtshof|\bhof\b|wyrok|\bsąd\b|판결|법원|判決|地裁|高裁|injunction|wins? appeal|loses? appeal",
    "resumption": r"\bresum|restor(?:es|ed) (?:access|service)|back online|is back|\blifts?\b.{0,20}(?:ban|suspension|block)|reinstat|allowed (?:to )?(?:return|again)|may .{0,20}again|reprend|wieder (?:verfügbar|aufgenommen|freigegeben)|\bripren|torna (?:disponibile|accessibile|in italia)|ripristin|revoca|reanud|levanta .{0,20}(?:suspensi|bloque)|retom|volta(?:r)? a|libera .{0,20}(?:uso|treino)|hervat|wznowi|재개|再開",
    "suspension": r"\bpaus(?:e|es|ed|ing)\b|suspen[ds]|\bhalt(?:s|ed|ing)?\b|puts? .{0,20}on hold|\bshelv|\bdelay(?:s|ed)?\b|postpon|stops? (?:using|training|feeding|collecting|processing)|stopped (?:using|training|processing|collecting)|withdr[ae]w|\bpull(?:s|ed)\b|scrap(?:s|ped)\b|agree[sd]? to (?:stop|halt|suspend|pause)|\bfreez|suspendu|suspend |met en pause|renonce|setzt .{0,40}\baus\b|ausgesetzt|gestoppt|stoppt|pausiert|verschieb|sospe[nt]|\bferma\b|stop a|suspende|paraliza|frena|pausa|deja de|suspensão|interromp|\bstopt\b|gepauzeerd|schort .{0,20}op|opgeschort|wstrzym|zawies|중단|중지|停止|中止|一時停止",
    "ban": r"\bban(?:s|ned|ning)?\b|\bblock(?:s|ed|ing)?\b|prohibit|forbid|\bbars?\b|\bbarred\b|interdi[tc]|\bbloqu|verbiet|verbot|untersag|\bvieta|divieto|\bblocc[ao]|limitazione provvisoria|prohíbe|prohib|proíbe|proib|verbied|verbod|zakaz|zablok|금지|차단|禁止|limitation on processing",
    "order": r"\border(?:s|ed)?\b|enforcement notice|cease and desist|must (?:delete|stop|erase|comply|destroy)|told to (?:stop|delete|erase)|mise en demeure|met en demeure|mis en demeure|\benjoint|injonction|ordonn|ordnet .{0,40}\ban\b|anordnung|angeordnet|\bordin[ao]\b|ordinato|ingiun|prescri|\bordena|requerimiento|medida cautelar|requiere a|determina|medida preventiva|last onder|dwangsom|\beist\b|nakaz|시정명령|명령|시정권고|命令|是正|determin(?:ation|ed)|delet(?:e|ion) order|(?:found|finds|ruled|rules|breached|violated|interfered)\b.{0,60}(?:breach|violat|unlawful|privacy)",
    "reprimand": r"reprimand|rebuk|admonish|rappel(?:le|é)? à l.ordre|\bverwarnt|verwarnung|beanstand|\bammon|apercib|repreens|berisp|upomni|reprensión|경고 조치",
    "warning": r"\bwarn(?:s|ed|ing)?\b|preliminary enforcement|provisional(?:ly)? (?:f|notice)|raises? concerns?|formal letter|recommend|avertiss|averti\b|\bwarnt\b|warnung|\bavvert|advert|waarschuw|ostrzeg|ostrzeż|경고|注意喚起|行政指導|警告|recomenda|recommendations? to",
    "complaint": r"complain(?:t|ts|s|ed)\b|\blodg|\bpetition|lawsuit|\bsu(?:e|es|ed|ing)\b|class[- ]action|\bverklag|\bklage\b|\bdemanda\b|assigne|fa causa|citazione in giudizio|daagt|pozew|pozw|plaintes?\b|porte plainte|beschwerden?\b|anzeige|strafanzeige|reclam[io]\b|esposto|segnalazione|denunci|reclamaci|\bqueixa|representação|klacht|skarg[aięą]|queja|zawiadomi|진정|신고|고발|苦情|申し立て|申立",
    "investigation": r"investigat|\bprob(?:e|es|ing)\b|inquir|enquir|scrutin|looking into|looks into|examin|information (?:request|notice)|requests? (?:for )?information|demands? (?:answers|records|information)|seeks? (?:answers|information)|asks? .{0,30}(?:how|about|to explain|questions)|questions?\b|\baudit|civil investigative|subpoena|enqu[êe]te|interroge|demande des (?:explications|informations)|contrôle|untersuch|ermittl|prüf|verfahren|istruttoria|indagine|indaga|richiesta di informazioni|chiede (?:chiarimenti|informazioni)|accertament|investiga|actuaciones|expediente|procedimiento|fiscaliza|processo administrativo|inquérito|apura|pede explicaç|onderzoek|opheldering|postępowani|kontrol|pod lup|rozpatruj|bada\b|wyjaśnie|조사|점검|調査|検査|立ち入り",
}
_COMPILED = {name: re.compile(pattern, re.I) for name, pattern in _PATTERNS.items()}

# which action tells the step where several are named: a fine outweighs the probe it ended
_ORDER = (
    "resumption", "settlement", "fine", "court-ruling", "complaint", "reprimand", "ban",
    "suspension", "order", "warning", "investigation",
)  # fmt: skip
_APPEAL = re.compile(r"appeal|overturn|annul|quash|upheld|upholds|court|tribunal|judge|ruling|sentenza|urteil|gericht", re.I)  # fmt: skip
# "the ICO rules" is no ruling where nothing else speaks of a court
_COURT = re.compile(r"court|tribunal|judge|gericht|urteil|\bbgh\b|\bolg\b|eugh|giudic|cassazione|sentenz|sentencia|juez|juzgado|audiencia|justi[çc]a|juiz|condena|liminar|\bcour\b|conseil d.[ée]tat|juge|recht(?:er|bank)|gerechtshof|\bhof\b|wyrok|\bsąd|법원|판결|地裁|高裁|判決|injunction|appeal|annul|overturn|quash|void", re.I)  # fmt: skip
_RULED = re.compile(r"\brul(?:e|es|ed|ing)\b|dismiss|upheld|upholds|annul|overturn|quash|grant|reject|order|convict|sentenc|finds|found|urteil|entsch(?:ied|eid)|weist|sentenz|condan|conden|annull|respin|accogli|tranch|rejett|uitspraak|oordeel|wyrok|orzek|판결|判決|decid|mant[ée]", re.I)  # fmt: skip


def find_action(title: str, body: str) -> tuple[str | None, str]:
    """The action and the words that tell it; the title decides where it can.

    ``(None, "")`` where no step is named.
    """
    for text, decisive in ((title, True), (body[:1500], False)):
        found = {name: m for name, p in _COMPILED.items() if (m := p.search(text))}
        if not found:
            continue
        if decisive and _undone(found, title, body):
            return "court-ruling", found["fine"].group(0)
        name = _choose(found, text, decisive=decisive)
        return name, found[name].group(0)
    return None, ""


_UNDONE = re.compile(r"sospes|suspend|annul|void|quash|overturn|cancel|collaps|struck down|scrapped|kippt|aufgehoben|anulad|anula|revoca|uchyl|vernietig|취소|무효|집행정지|取り消", re.I)  # fmt: skip


def _undone(found: Mapping[str, re.Match[str]], title: str, body: str) -> bool:
    """Whether a headline tells of a fine that a court took back or put on hold."""
    told = "fine" in found and _UNDONE.search(title) is not None
    return told and _COURT.search(body[:1500]) is not None


def _choose(found: dict[str, re.Match[str]], text: str, *, decisive: bool) -> str:
    if "fine" in found and "court-ruling" in found and (found["court-ruling"].start() < found["fine"].start() or _APPEAL.search(text)):  # fmt: skip
        return "court-ruling"
    if "court-ruling" in found and len(found) > 1 and not _COURT.search(text):
        found = {name: m for name, m in found.items() if name != "court-ruling"}
    if "complaint" in found and "court-ruling" in found and not _RULED.search(text):
        return "complaint"
    if "complaint" in found and re.search(r"rozpatruj|bada\b|pod lup", text, re.I):
        return "investigation"
    if "complaint" in found and "investigation" in found and found["investigation"].start() < found["complaint"].start():  # fmt: skip
        return "investigation"
    if "suspension" in found and "investigation" in found and not decisive:
        return min(("suspension", "investigation"), key=lambda n: found[n].start())
    return next(name for name in _ORDER if name in found)
