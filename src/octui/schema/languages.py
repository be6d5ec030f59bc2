"""The help-center languages: their codes, names and the time zone each proposes (rules.md 2, 3).

Korean and Japanese names are CLDR's, except where the product has its own for a main language.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# code|English|Korean|Japanese|time zone. The zones of ko, ja, en and zh are as the product has them, of the others the
# most populous zone of CLDR's most likely territory; UTC for the languages of no territory.
_MAIN = """
ar|Arabic|아랍어|アラビア語|Africa/Cairo
bn|Bengali|벵골어 (방글라데시)|ベンガル語|Asia/Dhaka
de|German|독일어|ドイツ語|Europe/Berlin
en|English|영어|英語|America/New_York
es|Spanish, Castilian|스페인어|スペイン語|Europe/Madrid
fa|Persian|페르시아어 (이란)|ペルシア語|Asia/Tehran
fr|French|프랑스어|フランス語|Europe/Paris
it|Italian|이탈리아어|イタリア語|Europe/Rome
ja|Japanese|일본어|日本語|Asia/Tokyo
jv|Javanese|자바어 (인도네시아)|ジャワ語|Asia/Jakarta
ko|Korean|한국어|韓国語|Asia/Seoul
ms|Malay|말레이어|マレー語|Asia/Kuala_Lumpur
pt|Portuguese|포르투갈어|ポルトガル語|America/Sao_Paulo
ru|Russian|러시아어|ロシア語|Europe/Moscow
tr|Turkish|터키어|トルコ語|Europe/Istanbul
vi|Vietnamese|베트남어|ベトナム語|Asia/Ho_Chi_Minh
zh|Chinese|중국어|中国語|Asia/Shanghai
"""
_OTHERS = """
aa|Afar|아파르어|アファル語|Africa/Addis_Ababa
ab|Abkhazian|압카즈어|アブハズ語|Asia/Tbilisi
ae|Avestan|아베스타어|アヴェスタ語|Asia/Tehran
af|Afrikaans|아프리칸스어|アフリカーンス語|Africa/Johannesburg
ak|Akan|아칸어|アカン語|Africa/Accra
am|Amharic|암하라어|アムハラ語|Africa/Addis_Ababa
an|Aragonese|아라곤어|アラゴン語|Europe/Madrid
as|Assamese|아삼어|アッサム語|Asia/Kolkata
av|Avaric|아바릭어|アヴァル語|Europe/Moscow
ay|Aymara|아이마라어|アイマラ語|America/La_Paz
az|Azerbaijani|아제르바이잔어|アゼルバイジャン語|Asia/Baku
ba|Bashkir|바슈키르어|バシキール語|Europe/Moscow
be|Belarusian|벨라루스어|ベラルーシ語|Europe/Minsk
bg|Bulgarian|불가리아어|ブルガリア語|Europe/Sofia
bh|Bihari|비하르어|ビハール語|Asia/Kolkata
bi|Bislama|비슬라마어|ビスラマ語|Pacific/Efate
bm|Bambara|밤바라어|バンバラ語|Africa/Bamako
bo|Tibetan|티베트어|チベット語|Asia/Shanghai
br|Breton|브르타뉴어|ブルトン語|Europe/Paris
bs|Bosnian|보스니아어|ボスニア語|Europe/Sarajevo
ca|Catalan, Valencian|카탈로니아어|カタロニア語|Europe/Madrid
ce|Chechen|체첸어|チェチェン語|Europe/Moscow
ch|Chamorro|차모로어|チャモロ語|Pacific/Guam
co|Corsican|코르시카어|コルシカ語|Europe/Paris
cr|Cree|크리어|クリー語|America/Toronto
cs|Czech|체코어|チェコ語|Europe/Prague
cu|Church Slavic, Old Slavonic, Church Slavonic, Old Bulgarian, Old Church Slavonic|교회 슬라브어|教会スラブ語|Europe/Moscow
cv|Chuvash|추바시어|チュヴァシ語|Europe/Moscow
cy|Welsh|웨일스어|ウェールズ語|Europe/London
da|Danish|덴마크어|デンマーク語|Europe/Copenhagen
dv|Divehi, Dhivehi, Maldivian|디베히어|ディベヒ語|Indian/Maldives
dz|Dzongkha|종카어|ゾンカ語|Asia/Thimphu
ee|Ewe|에웨어|エウェ語|Africa/Accra
el|Greek, Modern (1453-)|그리스어|ギリシャ語|Europe/Athens
eo|Esperanto|에스페란토어|エスペラント語|UTC
et|Estonian|에스토니아어|エストニア語|Europe/Tallinn
eu|Basque|바스크어|バスク語|Europe/Madrid
ff|Fulah|풀라어|フラ語|Africa/Dakar
fi|Finnish|핀란드어|フィンランド語|Europe/Helsinki
fj|Fijian|피지어|フィジー語|Pacific/Fiji
fo|Faroese|페로어|フェロー語|Atlantic/Faroe
fy|Western Frisian|서부 프리지아어|西フリジア語|Europe/Amsterdam
ga|Irish|아일랜드어|アイルランド語|Europe/Dublin
gd|Gaelic, Scottish Gaelic|스코틀랜드 게일어|スコットランド・ゲール語|Europe/London
gl|Galician|갈리시아어|ガリシア語|Europe/Madrid
gn|Guarani|과라니어|グアラニー語|America/Asuncion
gu|Gujarati|구자라트어|グジャラート語|Asia/Kolkata
gv|Manx|맹크스어|マン島語|Europe/Isle_of_Man
ha|Hausa|하우사어|ハウサ語|Africa/Lagos
he|Hebrew|히브리어|ヘブライ語|Asia/Jerusalem
hi|Hindi|힌디어|ヒンディー語|Asia/Kolkata
ho|Hiri Motu|히리 모투어|ヒリモツ語|Pacific/Port_Moresby
hr|Croatian|크로아티아어|クロアチア語|Europe/Zagreb
ht|Haitian, Haitian Creole|아이티어|ハイチ・クレオール語|America/Port-au-Prince
hu|Hungarian|헝가리어|ハンガリー語|Europe/Budapest
hy|Armenian|아르메니아어|アルメニア語|Asia/Yerevan
hz|Herero|헤레로어|ヘレロ語|Africa/Windhoek
ia|Interlingua|인터링구아|インターリングア|UTC
id|Indonesian|인도네시아어|インドネシア語|Asia/Jakarta
ie|Interlingue, Occidental|인테르링구에|インターリング|Europe/Tallinn
ig|Igbo|이그보어|イボ語|Africa/Lagos
ii|Sichuan Yi, Nuosu|쓰촨 이어|四川イ語|Asia/Shanghai
ik|Inupiaq|이누피아크어|イヌピアック語|America/New_York
io|Ido|이도어|イド語|UTC
is|Icelandic|아이슬란드어|アイスランド語|Atlantic/Reykjavik
iu|Inuktitut|이눅티투트어|イヌクティトット語|America/Toronto
ka|Georgian|조지아어|ジョージア語|Asia/Tbilisi
kg|Kongo|콩고어|コンゴ語|Africa/Kinshasa
ki|Kikuyu, Gikuyu|키쿠유어|キクユ語|Africa/Nairobi
kj|Kuanyama, Kwanyama|쿠안야마어|クワニャマ語|Africa/Windhoek
kk|Kazakh|카자흐어|カザフ語|Asia/Almaty
kl|Kalaallisut, Greenlandic|그린란드어|グリーンランド語|America/Nuuk
km|Central Khmer|크메르어|クメール語|Asia/Phnom_Penh
kn|Kannada|칸나다어|カンナダ語|Asia/Kolkata
kr|Kanuri|칸누리어|カヌリ語|Africa/Lagos
ks|Kashmiri|카슈미르어|カシミール語|Asia/Kolkata
ku|Kurdish|쿠르드어|クルド語|Europe/Istanbul
kv|Komi|코미어|コミ語|Europe/Moscow
kw|Cornish|콘월어|コーンウォール語|Europe/London
ky|Kirghiz, Kyrgyz|키르기스어|キルギス語|Asia/Bishkek
la|Latin|라틴어|ラテン語|Europe/Vatican
lb|Luxembourgish, Letzeburgesch|룩셈부르크어|ルクセンブルク語|Europe/Luxembourg
lg|Ganda|간다어|ガンダ語|Africa/Kampala
li|Limburgan, Limburger, Limburgish|림버거어|リンブルフ語|Europe/Amsterdam
ln|Lingala|링갈라어|リンガラ語|Africa/Kinshasa
lo|Lao|라오어|ラオ語|Asia/Vientiane
lt|Lithuanian|리투아니아어|リトアニア語|Europe/Vilnius
lu|Luba-Katanga|루바-카탄가어|ルバ・カタンガ語|Africa/Kinshasa
lv|Latvian|라트비아어|ラトビア語|Europe/Riga
mg|Malagasy|말라가시어|マダガスカル語|Indian/Antananarivo
mh|Marshallese|마셜어|マーシャル語|Pacific/Majuro
mi|Maori|마오리어|マオリ語|Pacific/Auckland
mk|Macedonian|마케도니아어|マケドニア語|Europe/Skopje
ml|Malayalam|말라얄람어|マラヤーラム語|Asia/Kolkata
mn|Mongolian|몽골어|モンゴル語|Asia/Ulaanbaatar
mr|Marathi|마라티어|マラーティー語|Asia/Kolkata
mt|Maltese|몰타어|マルタ語|Europe/Malta
my|Burmese|버마어|ミャンマー語|Asia/Yangon
na|Nauru|나우루어|ナウル語|Pacific/Nauru
nb|Norwegian Bokmål|노르웨이어(보크말)|ノルウェー語(ブークモール)|Europe/Oslo
nd|North Ndebele|북부 은데벨레어|北ンデベレ語|Africa/Harare
ne|Nepali|네팔어|ネパール語|Asia/Kathmandu
ng|Ndonga|느동가어|ンドンガ語|Africa/Windhoek
nl|Dutch, Flemish|네덜란드어|オランダ語|Europe/Amsterdam
nn|Norwegian Nynorsk|노르웨이어(니노르스크)|ノルウェー語(ニーノシュク)|Europe/Oslo
no|Norwegian|노르웨이어|ノルウェー語|Europe/Oslo
nr|South Ndebele|남부 은데벨레어|南ンデベレ語|Africa/Johannesburg
nv|Navajo, Navaho|나바호어|ナバホ語|America/New_York
ny|Chichewa, Chewa, Nyanja|냔자어|ニャンジャ語|Africa/Blantyre
oc|Occitan|오크어|オック語|Europe/Paris
oj|Ojibwa|오지브와어|オジブウェー語|America/Toronto
om|Oromo|오로모어|オロモ語|Africa/Addis_Ababa
or|Oriya|오리야어|オディア語|Asia/Kolkata
os|Ossetian, Ossetic|오세트어|オセット語|Asia/Tbilisi
pa|Panjabi, Punjabi|펀잡어|パンジャブ語|Asia/Kolkata
pi|Pali|팔리어|パーリ語|Asia/Kolkata
pl|Polish|폴란드어|ポーランド語|Europe/Warsaw
ps|Pashto, Pushto|파슈토어|パシュトゥー語|Asia/Kabul
qu|Quechua|케추아어|ケチュア語|America/Lima
rm|Romansh|로만시어|ロマンシュ語|Europe/Zurich
rn|Rundi|룬디어|ルンディ語|Africa/Bujumbura
ro|Romanian, Moldavian, Moldovan|루마니아어|ルーマニア語|Europe/Bucharest
rw|Kinyarwanda|르완다어|キニアルワンダ語|Africa/Kigali
sa|Sanskrit|산스크리트어|サンスクリット語|Asia/Kolkata
sc|Sardinian|사르디니아어|サルデーニャ語|Europe/Rome
sd|Sindhi|신디어|シンド語|Asia/Karachi
se|Northern Sami|북부 사미어|北サーミ語|Europe/Oslo
sg|Sango|산고어|サンゴ語|Africa/Bangui
si|Sinhala, Sinhalese|싱할라어|シンハラ語|Asia/Colombo
sk|Slovak|슬로바키아어|スロバキア語|Europe/Bratislava
sl|Slovenian|슬로베니아어|スロベニア語|Europe/Ljubljana
sm|Samoan|사모아어|サモア語|Pacific/Apia
sn|Shona|쇼나어|ショナ語|Africa/Harare
so|Somali|소말리아어|ソマリ語|Africa/Mogadishu
sq|Albanian|알바니아어|アルバニア語|Europe/Tirane
sr|Serbian|세르비아어|セルビア語|Europe/Belgrade
ss|Swati|시스와티어|スワジ語|Africa/Johannesburg
st|Southern Sotho|남부 소토어|南部ソト語|Africa/Johannesburg
su|Sundanese|순다어|スンダ語|Asia/Jakarta
sv|Swedish|스웨덴어|スウェーデン語|Europe/Stockholm
sw|Swahili|스와힐리어|スワヒリ語|Africa/Dar_es_Salaam
ta|Tamil|타밀어|タミル語|Asia/Kolkata
te|Telugu|텔루구어|テルグ語|Asia/Kolkata
tg|Tajik|타지크어|タジク語|Asia/Dushanbe
th|Thai|태국어|タイ語|Asia/Bangkok
ti|Tigrinya|티그리냐어|ティグリニア語|Africa/Addis_Ababa
tk|Turkmen|투르크멘어|トルクメン語|Asia/Ashgabat
tl|Tagalog|타갈로그어|タガログ語|Asia/Manila
tn|Tswana|츠와나어|ツワナ語|Africa/Johannesburg
to|Tonga (Tonga Islands)|통가어|トンガ語|Pacific/Tongatapu
ts|Tsonga|총가어|ツォンガ語|Africa/Johannesburg
tt|Tatar|타타르어|タタール語|Europe/Moscow
tw|Twi|트위어|トウィ語|Africa/Accra
ty|Tahitian|타히티어|タヒチ語|Pacific/Tahiti
ug|Uighur, Uyghur|위구르어|ウイグル語|Asia/Shanghai
uk|Ukrainian|우크라이나어|ウクライナ語|Europe/Kyiv
ur|Urdu|우르두어|ウルドゥー語|Asia/Karachi
uz|Uzbek|우즈베크어|ウズベク語|Asia/Tashkent
ve|Venda|벤다어|ベンダ語|Africa/Johannesburg
vo|Volapük|볼라퓌크어|ヴォラピュク語|UTC
wa|Walloon|왈론어|ワロン語|Europe/Brussels
wo|Wolof|월로프어|ウォロフ語|Africa/Dakar
xh|Xhosa|코사어|コサ語|Africa/Johannesburg
yi|Yiddish|이디시어|イディッシュ語|Europe/Kyiv
yo|Yoruba|요루바어|ヨルバ語|Africa/Lagos
za|Zhuang, Chuang|주앙어|チワン語|Asia/Shanghai
zu|Zulu|줄루어|ズールー語|Africa/Johannesburg
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Language:
    """A help-center language (ISO 639-1). `main`: one of those that come first in the picker."""

    code: str
    main: bool
    english: str
    korean: str
    japanese: str
    time_zone: str

    def name_in(self, reader: str) -> str:
        """Return the name of this language in the reader's (ko, ja; English for any other)."""
        return {"ko": self.korean, "ja": self.japanese}.get(reader, self.english)


def _parse_languages(lines: str, *, main: bool) -> dict[str, Language]:
    languages = {}
    for line in lines.strip().splitlines():
        code, english, korean, japanese, zone = line.split("|")
        languages[code] = Language(code, main, english, korean, japanese, zone)
    return languages


LANGUAGES: Mapping[str, Language] = {**_parse_languages(_MAIN, main=True), **_parse_languages(_OTHERS, main=False)}
"""Every help-center language by code: the main ones first, then the others."""


def proposed_time_zone(code: str) -> str:
    """Return the time zone that a first language proposes; UTC for an unknown code."""
    language = LANGUAGES.get(code)
    return "UTC" if language is None else language.time_zone
