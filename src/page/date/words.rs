//! The words around a date's parts: connectors, labels, ordinals, halves of the day and zones.

use std::sync::LazyLock;

use super::names::{WordSet, word_set};

/// Words that may stand before, between and after the parts of a date without saying anything.
const CONNECTORS: &[&str] = &[
    "at on of the a t as in and am um vom den der dem à a le la las los du de del dello em às el il alle ore ora ad",
    "op om te de het kl klo kello klokken den i o godz godzinie v ve ob w dnia dne la ora saat от в г года год о р року",
    "στις την των ώρα في الساعة को बजे pada pukul lúc ngày năm giờ uhr hrs hr h hours heures",
    "日 時 时 시 분",
];

/// Words that label a date, in all languages together; `Last updated` is two of them.
const LABELS: &[&str] = &[
    "published publish publication posted updated update last latest modified date dated created added written reviewed",
    "edited edit released release first issued originally uploaded submitted revised time since",
    "veröffentlicht veröffentlichung aktualisiert aktualisierung stand erstellt geändert zuletzt letzte datum erschienen",
    "publié publiée publie posté mis mise jour modifié modifiée créé date dernière actualisé",
    "publicado publicada publicación actualizado actualizada última actualización fecha creado modificado",
    "pubblicato pubblicata aggiornato aggiornata ultimo ultima aggiornamento data modifica modificato",
    "publicação atualizado atualizada atualização postado criado modificado",
    "gepubliceerd geplaatst bijgewerkt laatst laatste gewijzigd update aangemaakt",
    "publicerad publicerat uppdaterad uppdaterat senast skapad ändrad",
    "publisert oppdatert sist endret opprettet udgivet opdateret offentliggjort senest oprettet",
    "julkaistu päivitetty muokattu viimeksi",
    "opublikowano opublikowany opublikowana aktualizacja aktualizowano dodano utworzono publikacji ostatnia",
    "publikováno zveřejněno aktualizováno vydáno vloženo datum",
    "közzétéve megjelent frissítve módosítva publikálva létrehozva",
    "publicat publicată actualizat actualizată",
    "yayınlanma yayınlandı yayın güncelleme güncellendi güncellenme tarihi son giriş oluşturulma",
    "опубликовано обновлено обновление размещено изменено дата публикации создано последнее",
    "опубліковано оновлено публікації розміщено востаннє",
    "δημοσιεύτηκε δημοσιεύθηκε δημοσίευση ενημερώθηκε ενημέρωση τελευταία ημερομηνία",
    "نشر نشرت النشر تم تحديث التحديث آخر تاريخ بتاريخ",
    "प्रकाशित अपडेट अपडेटेड तारीख",
    "diterbitkan dipublikasikan diperbarui diposting terakhir tanggal terbit",
    "đăng xuất bản cập nhật cuối",
    "公 開 开 发 發 布 佈 表 更 新 日 期 时 時 间 間 最 后 後 終 投 稿 掲 載 作 成",
    "게시 게시일 등록 등록일 입력 수정 수정일 작성 작성일 업데이트 기사입력 최종수정 승인 발행",
];

/// What follows a day's number without a blank: `5th`, `1er`, `5º`, `5-го`.
const ORDINALS: &[&str] = &[
    "st", "nd", "rd", "th", "er", "e", "º", "ª", "го", "ого", "е", "η", "de", "an",
];

/// Words between the parts of a date: `5 de marzo de 2024`, `the 5th of March`.
const JOINTS: &[&str] = &["of", "the", "de", "del", "do", "d", "den", "năm", "ngày", "г"];

/// Words that make a time of a number before them: `14 Uhr`, `14h05`.
const HOUR_WORDS: &[&str] = &["h", "uhr", "hrs", "hr", "u", "時", "时", "点", "點", "시", "giờ"];

/// Words before a time written with a dot: `klo 14.05`.
const CLOCK_WORDS: &[&str] = &[
    "kl", "klo", "kello", "klokken", "ore", "alle", "um", "at", "às", "pukul", "godz",
];

/// Marks of the half of the day; true for the afternoon.
const MERIDIEMS: &[(&str, bool)] = &[
    ("am", false),
    ("pm", true),
    ("πμ", false),
    ("μμ", true),
    ("ص", false),
    ("م", true),
    ("오전", false),
    ("오후", true),
    ("上午", false),
    ("下午", true),
    ("午前", false),
    ("午後", true),
];

/// What a zone's abbreviation stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Minutes east of Greenwich.
    Minutes(i32),
    /// A region whose offset depends on the season.
    Region(&'static str),
}

/// Zone abbreviations in upper case, as pages of news agencies and papers write them. Where one is used twice over
/// the world (`IST`, `BST`, `CST`), the more frequent use on the web counts.
const ZONES: &[(&str, Zone)] = &[
    ("GMT", Zone::Minutes(0)),
    ("UTC", Zone::Minutes(0)),
    ("UT", Zone::Minutes(0)),
    ("Z", Zone::Minutes(0)),
    ("WET", Zone::Minutes(0)),
    ("WEST", Zone::Minutes(60)),
    ("BST", Zone::Minutes(60)),
    ("CET", Zone::Minutes(60)),
    ("MEZ", Zone::Minutes(60)),
    ("WAT", Zone::Minutes(60)),
    ("CEST", Zone::Minutes(120)),
    ("MESZ", Zone::Minutes(120)),
    ("EET", Zone::Minutes(120)),
    ("SAST", Zone::Minutes(120)),
    ("CAT", Zone::Minutes(120)),
    ("EEST", Zone::Minutes(180)),
    ("MSK", Zone::Minutes(180)),
    ("МСК", Zone::Minutes(180)),
    ("EAT", Zone::Minutes(180)),
    ("TRT", Zone::Minutes(180)),
    ("GST", Zone::Minutes(240)),
    ("PKT", Zone::Minutes(300)),
    ("IST", Zone::Minutes(330)),
    ("NPT", Zone::Minutes(345)),
    ("WIB", Zone::Minutes(420)),
    ("ICT", Zone::Minutes(420)),
    ("SGT", Zone::Minutes(480)),
    ("HKT", Zone::Minutes(480)),
    ("PHT", Zone::Minutes(480)),
    ("MYT", Zone::Minutes(480)),
    ("WITA", Zone::Minutes(480)),
    ("AWST", Zone::Minutes(480)),
    ("JST", Zone::Minutes(540)),
    ("KST", Zone::Minutes(540)),
    ("WIT", Zone::Minutes(540)),
    ("ACST", Zone::Minutes(570)),
    ("AEST", Zone::Minutes(600)),
    ("ACDT", Zone::Minutes(630)),
    ("AEDT", Zone::Minutes(660)),
    ("NZST", Zone::Minutes(720)),
    ("NZDT", Zone::Minutes(780)),
    ("NDT", Zone::Minutes(-150)),
    ("BRT", Zone::Minutes(-180)),
    ("ART", Zone::Minutes(-180)),
    ("ADT", Zone::Minutes(-180)),
    ("NST", Zone::Minutes(-210)),
    ("AST", Zone::Minutes(-240)),
    ("EDT", Zone::Minutes(-240)),
    ("EST", Zone::Minutes(-300)),
    ("CDT", Zone::Minutes(-300)),
    ("CST", Zone::Minutes(-360)),
    ("MDT", Zone::Minutes(-360)),
    ("MST", Zone::Minutes(-420)),
    ("PDT", Zone::Minutes(-420)),
    ("PST", Zone::Minutes(-480)),
    ("AKDT", Zone::Minutes(-480)),
    ("AKST", Zone::Minutes(-540)),
    ("HST", Zone::Minutes(-600)),
    ("ET", Zone::Region("America/New_York")),
    ("CT", Zone::Region("America/Chicago")),
    ("MT", Zone::Region("America/Denver")),
    ("PT", Zone::Region("America/Los_Angeles")),
];

static CONNECTOR_SET: WordSet = LazyLock::new(|| word_set(CONNECTORS));
static LABEL_SET: WordSet = LazyLock::new(|| word_set(LABELS));
static ORDINAL_SET: WordSet = LazyLock::new(|| word_set(ORDINALS));
static JOINT_SET: WordSet = LazyLock::new(|| word_set(JOINTS));
static HOUR_SET: WordSet = LazyLock::new(|| word_set(HOUR_WORDS));
static CLOCK_SET: WordSet = LazyLock::new(|| word_set(CLOCK_WORDS));

/// Whether a folded word may stand between a date and a time.
pub(super) fn is_connector(word: &str) -> bool {
    CONNECTOR_SET.contains(word)
}

/// Whether a folded word labels a date.
pub(super) fn is_label(word: &str) -> bool {
    LABEL_SET.contains(word)
}

/// Whether a folded word makes an ordinal of the number before it.
pub(super) fn is_ordinal(word: &str) -> bool {
    ORDINAL_SET.contains(word)
}

/// Whether a folded word may stand between the parts of a date.
pub(super) fn is_joint(word: &str) -> bool {
    JOINT_SET.contains(word)
}

/// Whether a folded word makes an hour of the number before it.
pub(super) fn is_hour_word(word: &str) -> bool {
    HOUR_SET.contains(word)
}

/// Whether a folded word announces a time.
pub(super) fn is_clock_word(word: &str) -> bool {
    CLOCK_SET.contains(word)
}

/// Whether a folded mark stands for the afternoon; `None` for other words.
pub(super) fn meridiem(word: &str) -> Option<bool> {
    MERIDIEMS
        .iter()
        .find(|(mark, _)| *mark == word)
        .map(|(_, afternoon)| *afternoon)
}

/// What a zone's abbreviation, in upper case, stands for.
pub(super) fn zone(abbreviation: &str) -> Option<Zone> {
    ZONES
        .iter()
        .find(|(name, _)| *name == abbreviation)
        .map(|(_, zone)| *zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_is_in_the_bundled_zone_database() {
        for (name, zone) in ZONES {
            if let Zone::Region(region) = zone {
                assert!(jiff::tz::TimeZoneDatabase::bundled().get(region).is_ok(), "{name}");
            }
        }
    }
}
