//! The names of months and weekdays, and how words are compared.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The spellings of the twelve months, language by language; `, ` separates months and `|` spellings. Short forms that are everyday
/// words elsewhere ("pro", "led") are left out.
const MONTHS: &[(&str, &str)] = &[
    (
        "en",
        "january|jan, february|feb|febr, march|mar, april|apr, may, june|jun, july|jul, august|aug,  \
         september|sep|sept, october|oct, november|nov, december|dec",
    ),
    (
        "de",
        "januar|jänner|jän, februar|feber, märz|mär|mrz|maerz, april, mai, juni, juli, august, september,  \
         oktober|okt, november, dezember|dez",
    ),
    (
        "fr",
        "janvier|janv, février|févr|fév, mars, avril|avr, mai, juin, juillet|juil, août, septembre, octobre,  \
         novembre, décembre|déc",
    ),
    (
        "es",
        "enero|ene, febrero, marzo, abril|abr, mayo, junio, julio, agosto|ago, septiembre|setiembre, octubre,  \
         noviembre, diciembre|dic",
    ),
    (
        "it",
        "gennaio|gen, febbraio|febb, marzo, aprile, maggio|mag, giugno|giu, luglio|lug, agosto,  \
         settembre|set|sett, ottobre|ott, novembre, dicembre",
    ),
    (
        "pt",
        "janeiro, fevereiro|fev, março, abril, maio, junho, julho, agosto, setembro, outubro|out, novembro,  \
         dezembro",
    ),
    (
        "nl",
        "januari, februari, maart|mrt, april, mei, juni, juli, augustus, september, oktober, november, december",
    ),
    (
        "sv",
        "januari, februari, mars, april, maj, juni, juli, augusti, september, oktober, november, december",
    ),
    (
        "no",
        "januar, februar, mars, april, mai, juni, juli, august, september, oktober, november, desember|des",
    ),
    (
        "da",
        "januar, februar, marts, april, maj, juni, juli, august, september, oktober, november, december",
    ),
    (
        "fi",
        "tammikuuta|tammikuu|tammi, helmikuuta|helmikuu|helmi, maaliskuuta|maaliskuu|maalis,  \
         huhtikuuta|huhtikuu|huhti, toukokuuta|toukokuu|touko, kesäkuuta|kesäkuu|kesä,  \
         heinäkuuta|heinäkuu|heinä, elokuuta|elokuu|elo, syyskuuta|syyskuu|syys, lokakuuta|lokakuu|loka,  \
         marraskuuta|marraskuu|marras, joulukuuta|joulukuu|joulu",
    ),
    (
        "pl",
        "stycznia|styczeń|sty, lutego|luty|lut, marca|marzec, kwietnia|kwiecień|kwi, maja, czerwca|czerwiec|cze,  \
         lipca|lipiec|lip, sierpnia|sierpień|sie, września|wrzesień|wrz, października|październik|paź,  \
         listopada|listopad|lis, grudnia|grudzień|gru",
    ),
    (
        "cs",
        "ledna|leden, února|únor|úno, března|březen|bře, dubna|duben, května|květen|kvě, června|červen|čvn,  \
         července|červenec|čvc, srpna|srpen|srp, září|zář, října|říjen|říj, listopadu|listopad, prosince|prosinec",
    ),
    (
        "hu",
        "január|januar, február, március|márc, április|ápr, május|máj, június|jún, július|júl, augusztus,  \
         szeptember|szept, október, november, december",
    ),
    (
        "ro",
        "ianuarie|ian, februarie, martie, aprilie, mai, iunie|iun, iulie|iul, august, septembrie, octombrie,  \
         noiembrie, decembrie",
    ),
    (
        "tr",
        "ocak|oca, şubat|şub, mart, nisan|nis, mayıs, haziran|haz, temmuz|tem, ağustos|ağu, eylül|eyl, ekim|eki,  \
         kasım|kas, aralık|ara",
    ),
    (
        "ru",
        "января|январь|янв, февраля|февраль|фев|февр, марта|март|мар, апреля|апрель|апр, мая|май, июня|июнь|июн,  \
         июля|июль|июл, августа|август|авг, сентября|сентябрь|сен|сент, октября|октябрь|окт,  \
         ноября|ноябрь|ноя|нояб, декабря|декабрь|дек",
    ),
    (
        "uk",
        "січня|січень|січ, лютого|лютий|лют, березня|березень|бер, квітня|квітень|квіт, травня|травень|трав,  \
         червня|червень|черв, липня|липень|лип, серпня|серпень|серп, вересня|вересень|вер, жовтня|жовтень|жовт,  \
         листопада|листопад|лист, грудня|грудень|груд",
    ),
    (
        "el",
        "ιανουαρίου|ιανουάριος|ιαν, φεβρουαρίου|φεβρουάριος|φεβ, μαρτίου|μάρτιος|μαρ, απριλίου|απρίλιος|απρ,  \
         μαΐου|μάιος|μαΐ|μάι, ιουνίου|ιούνιος|ιουν, ιουλίου|ιούλιος|ιουλ, αυγούστου|αύγουστος|αυγ,  \
         σεπτεμβρίου|σεπτέμβριος|σεπ|σεπτ, οκτωβρίου|οκτώβριος|οκτ, νοεμβρίου|νοέμβριος|νοε,  \
         δεκεμβρίου|δεκέμβριος|δεκ",
    ),
    (
        "ar",
        "يناير|كانون الثاني|جانفي, فبراير|شباط|فيفري, مارس|آذار, أبريل|إبريل|نيسان|أفريل, مايو|أيار|ماي,  \
         يونيو|يونيه|حزيران|جوان, يوليو|يوليه|تموز|جويلية, أغسطس|آب|أوت, سبتمبر|أيلول, أكتوبر|تشرين الأول,  \
         نوفمبر|تشرين الثاني, ديسمبر|كانون الأول",
    ),
    (
        "hi",
        "जनवरी, फरवरी|फ़रवरी, मार्च, अप्रैल, मई, जून, जुलाई, अगस्त, सितंबर|सितम्बर, अक्टूबर|अक्तूबर,  \
         नवंबर|नवम्बर, दिसंबर|दिसम्बर",
    ),
    (
        "id",
        "januari, februari, maret, april, mei, juni, juli, agustus|agu|agt, september, oktober, november|nop,  \
         desember",
    ),
    (
        "vi",
        "tháng một|tháng giêng, tháng hai, tháng ba, tháng tư, tháng năm, tháng sáu, tháng bảy, tháng tám,  \
         tháng chín, tháng mười, tháng mười một, tháng mười hai|tháng chạp",
    ),
];

/// The words before a month's number in Vietnamese.
const MONTH_PREFIXES: &[&str] = &["tháng", "thg"];

/// The names of weekdays, full and short, all languages together.
const WEEKDAYS: &[&str] = &[
    // English, German, French
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so",
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim",
    // Spanish, Italian, Portuguese, Romanian
    "lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab",
    "segunda terça quarta quinta sexta feira seg ter qua qui sex",
    "luni marți miercuri joi vineri sâmbătă duminică mie vin sâm dum",
    // Dutch, Swedish, Norwegian, Danish, Finnish
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo",
    "måndag tisdag onsdag torsdag fredag lördag söndag mån tis ons tors tor fre lör sön",
    "mandag tirsdag lørdag søndag man tirs tir lør søn",
    "maanantai maanantaina tiistai tiistaina keskiviikko keskiviikkona torstai torstaina perjantai perjantaina",
    "lauantai lauantaina sunnuntai sunnuntaina ti ke to pe la su",
    // Polish, Czech, Hungarian, Turkish
    "poniedziałek wtorek środa czwartek piątek sobota niedziela pon wto wt śro śr czw pią pt sob nie ndz nd",
    "pondělí úterý středa čtvrtek pátek neděle po út st čt pá ne",
    "hétfő kedd szerda csütörtök péntek szombat vasárnap",
    "pazartesi salı çarşamba perşembe cuma cumartesi pazar pzt sal çar per cum cmt paz",
    // Russian, Ukrainian, Greek
    "понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс",
    "понеділок вівторок середа четвер п'ятниця пятниця субота неділя нд",
    "δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή δευ τρι τετ πεμ παρ σαβ κυρ",
    // Arabic, Hindi, Indonesian, Vietnamese
    "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "सोमवार मंगलवार बुधवार गुरुवार बृहस्पतिवार शुक्रवार शनिवार रविवार",
    "senin selasa rabu kamis jumat sabtu minggu sen sel rab kam jum sab min",
    "thứ hai ba tư năm sáu bảy chủ nhật",
    // Chinese, Japanese, Korean
    "月 火 水 木 金 土 日 曜 星 期 周 週 一 二 三 四 五 六",
    "월 화 수 목 금 토 일 월요일 화요일 수요일 목요일 금요일 토요일 일요일",
];

/// Accented letters and the plain letter that they are compared as.
const FOLDS: &[(&str, char)] = &[
    ("áàâäãåăāąạảấầẩẫậắằẳẵặ", 'a'),
    ("çćč", 'c'),
    ("đď", 'd'),
    ("éèêëēęěẹẻẽếềểễệ", 'e'),
    ("ğ", 'g'),
    ("íìîïīıịỉĩ", 'i'),
    ("ł", 'l'),
    ("ñńň", 'n'),
    ("óòôöõøőọỏốồổỗộớờởỡợơ", 'o'),
    ("ř", 'r'),
    ("śšşș", 's'),
    ("ťţț", 't'),
    ("úùûüūůűụủũưứừửữự", 'u'),
    ("ýÿỳỵỷỹ", 'y'),
    ("źžż", 'z'),
    ("ά", 'α'),
    ("έ", 'ε'),
    ("ή", 'η'),
    ("ίϊΐ", 'ι'),
    ("ό", 'ο'),
    ("ύϋΰ", 'υ'),
    ("ώ", 'ω'),
    ("ς", 'σ'),
    ("ё", 'е'),
    ("أإآ", 'ا'),
];

/// A word as the tables compare it: lower case, without accents.
pub(super) fn fold(word: &str) -> String {
    word.to_lowercase()
        .chars()
        .filter(|c| !is_combining(*c))
        .map(fold_char)
        .collect()
}

fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    FOLDS
        .iter()
        .find(|(accented, _)| accented.contains(c))
        .map_or(c, |(_, plain)| *plain)
}

/// A table of words, folded.
pub(super) type WordSet = LazyLock<HashSet<String>>;

static MONTH_NUMBERS: LazyLock<HashMap<String, i8>> = LazyLock::new(|| {
    let spellings = MONTHS.iter().flat_map(|(_, names)| (1..).zip(names.split(", ")));
    spellings
        .flat_map(|(number, names)| names.split('|').map(move |name| (fold(name), number)))
        .collect()
});
static WEEKDAY_SET: WordSet = LazyLock::new(|| word_set(WEEKDAYS));
static MONTH_PREFIX_SET: WordSet = LazyLock::new(|| word_set(MONTH_PREFIXES));

/// Folds the words of a table, which blanks part.
pub(super) fn word_set(lines: &[&str]) -> HashSet<String> {
    lines.iter().flat_map(|line| line.split(' ')).map(fold).collect()
}

/// The month that a folded name, of up to three words, stands for, from 1.
pub(super) fn month(name: &str) -> Option<i8> {
    MONTH_NUMBERS.get(name).copied()
}

/// Whether a folded word announces a month's number.
pub(super) fn is_month_prefix(word: &str) -> bool {
    MONTH_PREFIX_SET.contains(word)
}

/// Whether a folded word names a weekday.
pub(super) fn is_weekday(word: &str) -> bool {
    WEEKDAY_SET.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_months() {
        for (language, names) in MONTHS {
            assert_eq!(names.split(", ").count(), 12, "{language}");
            let spellings = (1..)
                .zip(names.split(", "))
                .flat_map(|(number, names)| names.split('|').map(move |name| (number, name)));
            for (number, spelling) in spellings {
                assert_eq!(month(&fold(spelling)), Some(number), "{language} {spelling}");
            }
        }
    }

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(fold("FÉVR"), "fevr");
        assert_eq!(month(&fold("ΜΑΡΤΙΟΥ")), Some(3));
        assert_eq!(month(&fold("MAYIS")), Some(5));
    }
}
