"""Words, phrases and keyboard runs that passwords are most often made of.

Chosen from what the published lists of leaked passwords have in common; words of Korean people are there in Hangul and
are also looked for as they come out of a Korean keyboard in Latin mode (비밀번호 → qlalfqjsgh). All in folded form.
"""

_WORDS = """
password passwort passphrase passcode passwd secret private login logon account user username admin
administrator root superuser manager master system server network computer internet service support helpdesk
callcenter callcentre contact center centre customer counselor agent operator office company business default
temp temporary test testing tester guest public welcome hello goodbye letmein changeme access open iloveyou
loveyou love lover lovely sunshine princess prince angel baby babygirl sweet heart forever friend family
mother father mommy daddy jesus christ blessed freedom football baseball basketball soccer hockey dragon
monkey tiger lion eagle shadow flower butterfly chocolate cheese cookie banana orange apple pepper ginger
summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday january february march
april june july august september october november december superman batman spiderman starwars pokemon naruto
michael jordan jennifer jessica ashley daniel charlie thomas robert matthew andrew joshua william trustno
whatever nothing mustang ferrari porsche mercedes corvette harley yankees liverpool arsenal chelsea barcelona
realmadrid samsung google facebook youtube naver kakao daum toast nhn octui korea seoul busan tokyo japan
america london abcd qwer asdf zxcv qazwsx wsxedc sakura tenshi aishiteru arigato watashi
비밀번호 패스워드 암호 관리자 상담원 상담 고객센터 고객 센터 사용자 테스트 대한민국 한국 서울 부산 사랑해 사랑
안녕하세요 안녕 감사합니다 행복 천사 바보 하느님 하나님 예수 우리집 가족 엄마 아빠 회사 임시 친구
パスワード 管理者 お客様 ありがとう 愛してる 会社
"""

_PHRASES = """
correcthorsebatterystaple thequickbrownfox jumpsoverthelazydog supercalifragilisticexpialidocious
maytheforcebewithyou tobeornottobe thisismypassword thisisapassword mypasswordis mynameis iloveyousomuch
ilovemyfamily wearethechampions neversaynever livelaughlove godisgood jesuslovesme onceuponatime helloworld
neveragain justdoit ihatethisplace idontknow idontremember youcantguessthis nopassword donttellanyone
openthedoor fuckyou
"""

WORDS = tuple(_WORDS.split())
PHRASES = tuple(_PHRASES.split())

RUNS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "!@#$%^&*()_+",
    # Two rows and the columns in turn.
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "1q2w3e4r1q2w3e4r",
    "qweasdzxcqweasdzxc",
    "123qweasdzxc",
    "1234qwerasdfzxcv1234",
    "12345qwertasdfgzxcvb",
    "ㅂㅈㄷㄱ쇼ㅕㅑㅐㅔ",
    "ㅁㄴㅇㄹ호ㅓㅏㅣ",
    "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "가나다라마바사아자차카타파하",
    "あいうえおかきくけこさしすせそ",
)
