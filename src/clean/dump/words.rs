//! Words that frame pages rather than stand in their text, in many languages, by what they are about.

use crate::clean::dump::words::Topic::{Advertising, Comments, Credit, Legal, Related, Share, Sign};

/// What a word of this kind is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// Advertising.
    Advertising,
    /// Comments of readers and the form for them.
    Comments,
    /// Who took a picture, who wrote, who sent.
    Credit,
    /// Rights, privacy, imprint, terms.
    Legal,
    /// Other pages.
    Related,
    /// Networks and other ways to pass a page on.
    Share,
    /// Signing up, signing in, subscribing.
    Sign,
}

/// How many topics there are.
pub(super) const TOPICS: usize = 7;

/// The words, in small letters and sorted.
const WORDS: &[(&str, Topic)] = &[
    ("abonnement", Sign),
    ("abonnieren", Sign),
    ("abonnés", Sign),
    ("account", Sign),
    ("ad", Advertising),
    ("ads", Advertising),
    ("advertisement", Advertising),
    ("advertising", Advertising),
    ("afp", Credit),
    ("agb", Legal),
    ("anmelden", Sign),
    ("annons", Advertising),
    ("anuncio", Advertising),
    ("anzeige", Advertising),
    ("aviso", Legal),
    ("cart", Sign),
    ("comentar", Comments),
    ("comentario", Comments),
    ("comentarios", Comments),
    ("comentários", Comments),
    ("comment", Comments),
    ("commentaire", Comments),
    ("commentaires", Comments),
    ("commenti", Comments),
    ("comments", Comments),
    ("compartilhar", Share),
    ("compartir", Share),
    ("condividi", Share),
    ("confidentialité", Legal),
    ("contact", Legal),
    ("contacto", Legal),
    ("contatti", Legal),
    ("cookie", Legal),
    ("cookies", Legal),
    ("copyright", Legal),
    ("correo", Sign),
    ("credit", Credit),
    ("datenschutz", Legal),
    ("delen", Share),
    ("disclaimer", Legal),
    ("download", Related),
    ("dpa", Credit),
    ("email", Sign),
    ("empfohlen", Related),
    ("epaper", Sign),
    ("facebook", Share),
    ("faq", Legal),
    ("feedback", Comments),
    ("follow", Share),
    ("foto", Credit),
    ("fotos", Credit),
    ("gdpr", Legal),
    ("getty", Credit),
    ("gratis", Advertising),
    ("iklan", Advertising),
    ("image", Credit),
    ("impressum", Legal),
    ("imprint", Legal),
    ("inloggen", Sign),
    ("inscription", Sign),
    ("instagram", Share),
    ("istock", Credit),
    ("jobs", Legal),
    ("kommentar", Comments),
    ("kommentare", Comments),
    ("kommentarer", Comments),
    ("kommentieren", Comments),
    ("kontakt", Legal),
    ("latest", Related),
    ("leserbrief", Comments),
    ("linkedin", Share),
    ("lire", Related),
    ("log", Sign),
    ("logga", Sign),
    ("login", Sign),
    ("logout", Sign),
    ("mastodon", Share),
    ("mehr", Related),
    ("mentions", Legal),
    ("menu", Related),
    ("messenger", Share),
    ("more", Related),
    ("más", Related),
    ("newest", Related),
    ("newsletter", Sign),
    ("next", Related),
    ("nutzungsbedingungen", Legal),
    ("nyhetsbrev", Sign),
    ("password", Sign),
    ("passwort", Sign),
    ("photo", Credit),
    ("photograph", Credit),
    ("pinterest", Share),
    ("podcasts", Related),
    ("policy", Legal),
    ("popular", Related),
    ("premium", Sign),
    ("previous", Related),
    ("print", Share),
    ("privacidad", Legal),
    ("privacidade", Legal),
    ("privacy", Legal),
    ("prywatności", Legal),
    ("pubblicità", Advertising),
    ("publicidad", Advertising),
    ("publicidade", Advertising),
    ("publicité", Advertising),
    ("read", Related),
    ("recommended", Related),
    ("reddit", Share),
    ("register", Sign),
    ("registrieren", Sign),
    ("reklam", Advertising),
    ("reklama", Advertising),
    ("relacionadas", Related),
    ("related", Related),
    ("replies", Comments),
    ("reply", Comments),
    ("reservados", Legal),
    ("reserved", Legal),
    ("reuters", Credit),
    ("rights", Legal),
    ("rss", Share),
    ("search", Related),
    ("share", Share),
    ("shipping", Legal),
    ("shutterstock", Credit),
    ("sign", Sign),
    ("signup", Sign),
    ("similar", Related),
    ("sitemap", Legal),
    ("skip", Related),
    ("sponsored", Advertising),
    ("stories", Related),
    ("subscribe", Sign),
    ("subscription", Sign),
    ("suche", Related),
    ("suscríbete", Sign),
    ("tags", Related),
    ("teilen", Share),
    ("telegram", Share),
    ("terms", Legal),
    ("tiktok", Share),
    ("topics", Related),
    ("trending", Related),
    ("tweet", Share),
    ("twitter", Share),
    ("udostępnij", Share),
    ("unsubscribe", Sign),
    ("video", Related),
    ("videos", Related),
    ("werbung", Advertising),
    ("whatsapp", Share),
    ("wishlist", Sign),
    ("yorum", Comments),
    ("youtube", Share),
    ("zapisz", Sign),
    ("абонирай", Sign),
    ("войти", Sign),
    ("комментарии", Comments),
    ("комментарий", Comments),
    ("контакты", Legal),
    ("поделиться", Share),
    ("подписаться", Sign),
    ("права", Legal),
    ("реклама", Advertising),
    ("фото", Credit),
    ("читайте", Related),
    ("читать", Related),
    ("إعلان", Advertising),
    ("اشترك", Sign),
    ("تعليق", Comments),
    ("شارك", Share),
    ("محفوظة", Legal),
];

/// Phrases of scripts that write without blanks, which have no words to look up.
const PHRASES: &[(&str, Topic)] = &[
    ("ログイン", Sign),
    ("会員登録", Sign),
    ("会员", Sign),
    ("登录", Sign),
    ("登錄", Sign),
    ("訂閱", Sign),
    ("订阅", Sign),
    ("シェア", Share),
    ("分享", Share),
    ("コメント", Comments),
    ("评论", Comments),
    ("評論", Comments),
    ("関連記事", Related),
    ("相关", Related),
    ("相關", Related),
    ("一覧", Related),
    ("広告", Advertising),
    ("广告", Advertising),
    ("無断転載", Legal),
    ("利用規約", Legal),
    ("プライバシー", Legal),
    ("版权", Legal),
    ("版權", Legal),
    ("写真", Credit),
];

/// What a word in small letters is about, if it is one of these.
pub(super) fn topic(word: &str) -> Option<Topic> {
    let found = WORDS.binary_search_by(|(known, _)| known.cmp(&word)).ok()?;
    WORDS.get(found).map(|(_, topic)| *topic)
}

/// What the phrases in a line without blanks between its words are about.
pub(super) fn phrases(line: &str) -> impl Iterator<Item = Topic> {
    PHRASES
        .iter()
        .filter(move |(phrase, _)| line.contains(phrase))
        .map(|(_, topic)| *topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_and_in_small_letters() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(WORDS.iter().all(|(word, _)| *word == word.to_lowercase()));
    }

    #[test]
    fn words_are_looked_up_whole() {
        assert_eq!(topic("kommentare"), Some(Comments));
        assert_eq!(topic("komment"), None);
        assert_eq!(phrases("この記事をシェアする").collect::<Vec<_>>(), [Share]);
    }
}
