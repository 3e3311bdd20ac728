"""Names of the days of the week in other languages than English, full and shortened, as CLDR has them."""

from rnncli.data.times.calendar_names import CalendarNames

LANGUAGES = {
    "de": ("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag", "Mo Di Mi Do Fr Sa So"),
    "fr": ("lundi mardi mercredi jeudi vendredi samedi dimanche", "lun mar mer jeu ven sam dim"),
    "es": ("lunes martes miércoles jueves viernes sábado domingo", "lun mar mié jue vie sáb dom"),
    "it": ("lunedì martedì mercoledì giovedì venerdì sabato domenica", "lun mar mer gio ven sab dom"),
    "pt": ("segunda terça quarta quinta sexta sábado domingo", "seg ter qua qui sex sáb dom"),
    "nl": ("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag", "ma di wo do vr za zo"),
    "sv": ("måndag tisdag onsdag torsdag fredag lördag söndag", "mån tis ons tors fre lör sön"),
    "da": ("mandag tirsdag onsdag torsdag fredag lørdag søndag", "man tirs ons tors fre lør søn"),
    "nb": ("mandag tirsdag onsdag torsdag fredag lørdag søndag", "man tir ons tor fre lør søn"),
}
NAMES = CalendarNames(LANGUAGES)
