"""Help-centre languages and the time zone each proposes (domain.md 2, 3)."""

from functools import cache
from zoneinfo import available_timezones

from octui.schema.problems import FieldCode
from octui.service.errors import invalid

# Each of the 184 languages behind the zone it proposes: of ko, ja, en and zh as the product has it, of the others the
# most populous zone of CLDR's most likely territory; UTC for the languages of no territory.
_ZONES = """
Africa/Accra ak ee tw
Africa/Addis_Ababa aa am om ti
Africa/Bamako bm
Africa/Bangui sg
Africa/Blantyre ny
Africa/Bujumbura rn
Africa/Cairo ar
Africa/Dakar ff wo
Africa/Dar_es_Salaam sw
Africa/Harare nd sn
Africa/Johannesburg af nr ss st tn ts ve xh zu
Africa/Kampala lg
Africa/Kigali rw
Africa/Kinshasa kg ln lu
Africa/Lagos ha ig kr yo
Africa/Mogadishu so
Africa/Nairobi ki
Africa/Windhoek hz kj ng
America/Asuncion gn
America/La_Paz ay
America/Lima qu
America/New_York en ik nv
America/Nuuk kl
America/Port-au-Prince ht
America/Sao_Paulo pt
America/Toronto cr iu oj
Asia/Almaty kk
Asia/Ashgabat tk
Asia/Baku az
Asia/Bangkok th
Asia/Bishkek ky
Asia/Colombo si
Asia/Dhaka bn
Asia/Dushanbe tg
Asia/Ho_Chi_Minh vi
Asia/Jakarta id jv su
Asia/Jerusalem he
Asia/Kabul ps
Asia/Karachi sd ur
Asia/Kathmandu ne
Asia/Kolkata as bh gu hi kn ks ml mr or pa pi sa ta te
Asia/Kuala_Lumpur ms
Asia/Manila tl
Asia/Phnom_Penh km
Asia/Seoul ko
Asia/Shanghai bo ii ug za zh
Asia/Tashkent uz
Asia/Tbilisi ab ka os
Asia/Tehran ae fa
Asia/Thimphu dz
Asia/Tokyo ja
Asia/Ulaanbaatar mn
Asia/Vientiane lo
Asia/Yangon my
Asia/Yerevan hy
Atlantic/Faroe fo
Atlantic/Reykjavik is
Europe/Amsterdam fy li nl
Europe/Athens el
Europe/Belgrade sr
Europe/Berlin de
Europe/Bratislava sk
Europe/Brussels wa
Europe/Bucharest ro
Europe/Budapest hu
Europe/Copenhagen da
Europe/Dublin ga
Europe/Helsinki fi
Europe/Isle_of_Man gv
Europe/Istanbul ku tr
Europe/Kyiv uk yi
Europe/Ljubljana sl
Europe/London cy gd kw
Europe/Luxembourg lb
Europe/Madrid an ca es eu gl
Europe/Malta mt
Europe/Minsk be
Europe/Moscow av ba ce cu cv kv ru tt
Europe/Oslo nb nn no se
Europe/Paris br co fr oc
Europe/Prague cs
Europe/Riga lv
Europe/Rome it sc
Europe/Sarajevo bs
Europe/Skopje mk
Europe/Sofia bg
Europe/Stockholm sv
Europe/Tallinn et ie
Europe/Tirane sq
Europe/Vatican la
Europe/Vilnius lt
Europe/Warsaw pl
Europe/Zagreb hr
Europe/Zurich rm
Indian/Antananarivo mg
Indian/Maldives dv
Pacific/Apia sm
Pacific/Auckland mi
Pacific/Efate bi
Pacific/Fiji fj
Pacific/Guam ch
Pacific/Majuro mh
Pacific/Nauru na
Pacific/Port_Moresby ho
Pacific/Tahiti ty
Pacific/Tongatapu to
UTC eo ia io vo
"""

_PROPOSED: dict[str, str] = {
    language: zone for zone, *languages in map(str.split, _ZONES.strip().splitlines()) for language in languages
}

LANGUAGES = frozenset(_PROPOSED)
"""The help-centre languages there are (ISO 639-1)."""


def proposed(language: str) -> str:
    """The time zone a service takes from its first language; UTC for one that is none."""
    return _PROPOSED.get(language, "UTC")


@cache
def _known() -> frozenset[str]:
    # `right/…` counts leap seconds, `posix/…`, `Factory` and the like are no places.
    return frozenset(
        zone
        for zone in available_timezones()
        if zone == "UTC" or ("/" in zone and not zone.startswith(("right/", "posix/", "SystemV/")))
    )


def checked(zone: str, field: str = "time_zone") -> str:
    """The zone, when it is one of the IANA database; raises 422 otherwise."""
    if zone not in _known():
        raise invalid(field, FieldCode.UNKNOWN_VALUE, "There is no such time zone; Asia/Seoul is one.")
    return zone
