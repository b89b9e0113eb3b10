"""Which countries and regions a text names, in ten languages, and in which role. Pure.

A code is ISO 3166-1 alpha-2, ``EU``, or ISO 3166-2 for a region that has an authority of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .matching import PhraseIndex, Token

# nouns before the bar, adjectives behind it; folded, `*` for endings
_NAMES = {
    "GB": "uk, u.k., britain, great britain, united kingdom, england, london, royaume uni, vereinigtes konigreich, grossbritannien, regno unito, reino unido, verenigd koninkrijk, wielka brytania, wielkiej brytanii, 영국, 英国 | british, english, britons, britanni*, britisch*, britse, brytyjsk*, britanic*",
    "IT": "italy, italia, italie, italien, wloch*, rome, roma, milan, milano, 이탈리아, イタリア | italian*, italienne*, italienisch*, italiaans*, wlosk*",
    "IE": "ireland, irlande, irland, irlanda, ierland, irlandi*, dublin, 아일랜드, アイルランド | irish, irlandai*, irisch*, irlandes*, ierse, irlandzk*",
    "FR": "france, frankreich, francia, franca, frankrijk, francj*, paris, 프랑스, フランス | french, francais*, franzosisch*, frances, francesa, francesas, franceses, francese, francesi, franse, francusk*",
    "DE": "germany, deutschland, allemagne, alemania, alemanha, germania, duitsland, niemc*, niemiec, 독일, ドイツ | german, germans, deutsch*, allemand*, aleman*, alema, tedesc*, duits*, niemieck*",
    "DE-BE": "berlin | berliner",
    "DE-HH": "hamburg, hambourg, hamburgo, amburgo | hamburger, hamburgisch*",
    "DE-BY": "bavaria, bayern, baviere, baviera, munich, munchen | bavarian, bayerisch*",
    "DE-HE": "hesse, hessen | hessian, hessisch*",
    "DE-NI": "lower saxony, niedersachsen | niedersachsisch*",
    "DE-BW": "baden-wurttemberg, stuttgart |",
    "ES": "spain, espagne, spanien, spagna, espana, espanha, spanje, hiszpani*, madrid, barcelona, 스페인, スペイン | spanish, espagnol*, spanisch*, spagnol*, espanol*, espanhol*, spaans*, hiszpansk*",
    "NL": "netherlands, nederland, pays bas, niederlande*, paesi bassi, paises bajos, holland, holanda, holandi*, amsterdam, the hague, den haag, 네덜란드, オランダ | dutch, nederlands*, neerlandais*, niederlandisch*, olandes*, neerlandes*, holandes*, holendersk*",
    "PT": "portugal, portogallo, portugali*, lisbon, lisboa | portugu*, portugais*, portugiesisch*, portoghes*, portugalsk*",
    "PL": "poland, polska, pologne, polen, polonia, polsce, polski, warsaw, warszaw* | polish, polsk*, polonais*, polnisch*, polacc*, polac*, poolse",
    "BE": "belgium, belgique, belgien, belgio, belgica, belgie, belgi* | belgian, belge*, belgisch*, belga*",
    "AT": "austria, autriche, osterreich, oostenrijk, austrii, vienna, wien, 오스트리아, オーストリア | austrian*, autrichien*, osterreichisch*, austriac*, oostenrijks*, austriack*",
    "GR": "greece, grece, griechenland, grecia, griekenland, grecj*, athens | greek, hellenic, grec, grecs, grecque*, griechisch*, greca, greco, griego, griega, griekse",
    "SE": "sweden, suede, schweden, svezia, suecia, zweden, szwecj*, sverige | swedish, suedois*, schwedisch*, svedes*, zweedse, svensk*",
    "NO": "norway, norvege, norwegen, norvegia, noruega, noorwegen, norweg*, norge, oslo | norwegian*, norvegien*, norwegisch*, noorse, norsk*",
    "DK": "denmark, danemark, danimarca, dinamarca, denemarken, dania, danii, danmark, copenhagen | danish, danois*, danisch*, deense, dansk*",
    "FI": "finland, finlande, finnland, finlandia, helsinki | finnish, finlandais*, finnisch*, finlandes*",
    "HU": "hungary, hongrie, ungarn, ungheria, hungria, hongarije, wegry, wegrzech, budapest | hungarian*, hongrois*, ungarisch*, ungheres*, hungar*",
    "CZ": "czechia, czech republic, tchequie, tschechien, prague, praha | czech, tcheque, tschechisch*",
    "RO": "romania, roumanie, rumanien, rumania, romenia, bucharest | romanian, roumain*, rumanisch*",
    "BG": "bulgaria, bulgarie, bulgarien | bulgarian*, bulgare*",
    "HR": "croatia, croatie, kroatien, croazia, hrvatska | croatian*, croat*, kroatisch*",
    "SI": "slovenia, slovenie, slowenien | slovenian*, slovene",
    "SK": "slovakia, slovaquie, slowakei | slovak*",
    "LU": "luxembourg, luxemburg*, lussemburgo, luxemburgo | luxembourgeois*",
    "CY": "cyprus, chypre, zypern, cipro | cypriot*", "MT": "malta, malte | maltese", "EE": "estonia, estonie, estland | estonian*",
    "LV": "latvia, lettonie, lettland | latvian*", "LT": "lithuania, lituanie, litauen | lithuanian*", "IS": "iceland, islande | icelandic",
    "CH": "switzerland, suisse, schweiz, svizzera, suiza, suica, zwitserland, szwajcari* | swiss, suisses, schweizer*",
    "TR": "turkey, turkiye, turquie, turkei, turchia, turquia, ankara | turkish, turc*, turkisch*, turk",
    "RU": "russia, russie, russland, rusia, moscow | russian*, russe, russes, russisch*",
    "US": "united states, u.s., usa, etats unis, vereinigte staaten, stati uniti, estados unidos, verenigde staten, stany zjednoczone, washington, 미국, 米国, アメリカ | american*, americain*, amerikanisch*, estadounidens*, norteamerican*",
    "US-TX": "texas | texan", "US-IL": "illinois |", "US-CA": "california, californie, kalifornien | californian", "US-NY": "new york, nueva york |",
    "US-MA": "massachusetts |", "US-FL": "florida |", "US-CO": "colorado |", "US-CT": "connecticut |", "US-NJ": "new jersey |", "US-PA": "pennsylvania |",
    "US-NM": "new mexico |", "US-VT": "vermont |", "US-UT": "utah |", "US-OR": "oregon |", "US-KY": "kentucky |", "US-WA": "washington state |",
    "CA": "canada, kanada, 캐나다, カナダ | canadian*, canadien*, kanadisch*, canadese, canadiens*",
    "CA-QC": "quebec, quebec's | quebecois*", "CA-BC": "british columbia, colombie-britannique |", "CA-AB": "alberta |", "CA-ON": "ontario |",
    "BR": "brazil, bresil, brasilien, brasile, brasil, brazilie, brazyli*, lgpd, 브라질, ブラジル | brazilian*, bresilien*, brasilianisch*, brasilian*, brasilen*, brasileir*, braziliaans*",
    "BR-SP": "sao paulo, metro de sp, em sp, de sp | paulista, paulistas", "BR-RJ": "rio de janeiro |", "BR-MG": "minas gerais |", "BR-DF": "brasilia, distrito federal |",
    "KR": "south korea*, republic of korea, korea, coree du sud, sudkorea, corea del sud, corea del sur, coreia do sul, zuid-korea, korei poludniow*, seoul, 한국, 국내, 韓, 우리나라, 개인정보보호법, 韓国 | korean, koreans, sud-coreen*, sudkoreanisch*, sudcorean*, surcorean*, sul-corean*, zuid-koreaans*, poludniowokoreansk*",
    "JP": "japan, japon, giappone, japao, japoni*, tokyo, 日本, 일본 | japanese, japonais*, japanisch*, giappones*, japones*, japans*, japonsk*",
    "CN": "china, chine, cina, chiny, beijing, 中国, 중국 | chinese, chinois*, chinesisch*, cines*, chines*, chinsk*",
    "HK": "hong kong, 香港 |", "TW": "taiwan, 台湾, 대만 | taiwanese", "SG": "singapore, singapour, singapur | singaporean",
    "AU": "australia, australie, australien, sydney, canberra, 호주 | australian*, australien*, australisch*",
    "NZ": "new zealand*, nouvelle-zelande, neuseeland, aotearoa |",
    "PH": "philippines, philippinen, filippine, filipinas | philippine, filipino*", "ID": "indonesia, indonesie, indonesien | indonesian*",
    "MY": "malaysia, malaisie | malaysian*", "TH": "thailand, thailande, tailandia, 태국 | thai", "IN": "india, inde, indien | indian, indians", "VN": "vietnam | vietnamese",
    "KE": "kenya, nairobi | kenyan*, keniana", "NG": "nigeria | nigerian*", "GH": "ghana | ghanaian", "UG": "uganda | ugandan", "ZA": "south africa, afrique du sud, sudafrika | south african*",
    "MA": "morocco, maroc | moroccan", "MU": "mauritius |", "IL": "israel | israeli*", "AE": "dubai, uae, united arab emirates |", "SA": "saudi arabia | saudi",
    "CO": "colombia, colombie, kolumbien, bogota | colombian*", "AR": "argentina, argentine, argentinien, buenos aires | argentin*", "CL": "chile, chili | chilen*", "MX": "mexico, mexique, mexiko, messico | mexican*",
    "PE": "peru, perou | peruvian*", "UY": "uruguay | uruguay*",
    "EU": "eu, e.u., european union, europe, union europeenne, europaische union, europa, unione europea, union europea, uniao europeia, brussels, bruxelles, 유럽연합, 유럽, 欧州 | european*, europeen*, europaisch*, europe*, europej*",
}  # fmt: skip
# of words that mean other things as well, only this spelling counts
_EXACT = {"US": ("US", "EUA", "EE.UU"), "EU": ("UE",), "GB": ("GB", "VK"), "DE-BE": ()}


@dataclass(frozen=True, slots=True)
class Place:
    """A country or region in a text; ``adjective`` for "Italian", ``aside`` for a mere origin."""

    code: str
    start: int
    end: int
    adjective: bool
    aside: bool

    @property
    def country(self) -> str:
        """The country a region belongs to."""
        return self.code.partition("-")[0]


def _index() -> PhraseIndex[tuple[str, bool]]:
    loose = [
        (name.strip(), (code, adjective))
        for code, line in _NAMES.items()
        for adjective, names in enumerate(line.split("|"))
        for name in names.split(",")
        if name.strip()
    ]
    exact = [(name, (code, False)) for code, names in _EXACT.items() for name in names]
    return PhraseIndex.build(
        [(n, (c, bool(a))) for n, (c, a) in loose],
        exact=exact,
    )


_INDEX = _index()
# "a Chinese start-up", "San Francisco-based": where a company comes from, not where it is held to account
_ORIGIN = re.compile(
    r"[\s-]+(?:(?:ai|tech|technology|social|software|owned|internet|big|generative)[\s-]+){0,2}(?:based|owned|compan|firm|start-?up|tech|giant|group|ai\b|app\b|chatbot|developer|maker|entrepris|societ|soci[eé]t|azienda|konzern|unternehmen|anbieter|startup|empresa|compan|bedrijf|firm|spolk|기업|업체|스타트업|앱|企業)|\s*(?:기업|업체|스타트업|企業)",
    re.I,
)
_NEWSPAPER = re.compile(r"\s+(?:times|post|herald|tribune)\b", re.I)


def find_places(text: str, folded: str, words: list[Token]) -> list[Place]:
    """The places a text names, in its order."""
    found: list[Place] = []
    for match in _INDEX.find(text, folded=folded, words=words):
        if found and match.start < found[-1].end:
            if match.end <= found[-1].end:
                continue
            found.pop()
        if _NEWSPAPER.match(text, match.end):
            continue
        code, adjective = match.payload
        aside = _ORIGIN.match(text, match.end) is not None
        found.append(Place(code, match.start, match.end, adjective, aside))
    return found


def country_of(places: Sequence[Place], zones: Sequence[int]) -> str | None:
    """The country a text is about: told for itself before a company's origin, early before late.

    ``zones`` are the offsets where the title and the summary end. Europe counts only where no
    country is named.
    """
    ranked = [(p.aside, p.code == "EU", zone(p.start, zones), p.start, p.country) for p in places]
    return min(ranked)[-1] if ranked else None


def zone(start: int, zones: Sequence[int]) -> int:
    """0 in the title, 1 in the summary, 2 in the text."""
    return sum(start >= end for end in zones)
