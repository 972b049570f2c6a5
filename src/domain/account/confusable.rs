//! Names that look alike (Unicode Technical Standard 39): nobody is to pass for somebody else by a letter of another
//! alphabet. It is a rule for new names alone. Whoever has a name signs in with it, whatever it looks like.

use unicode_script::{Script, UnicodeScript};
use unicode_security::confusable_detection::skeleton;
use unicode_security::mixed_script::{AugmentedScriptSet, MixedScript};

use super::identifier::LoginIdentifier;
use crate::foundation::SecretHash;

impl LoginIdentifier {
    /// What it looks like: two names with one skeleton can be taken for each other (UTS 39 §4). It is hashed, since it can be
    /// several times as long as the name.
    pub fn skeleton(&self) -> SecretHash {
        // Names are in small letters, and the standard's prototype of a zero is a capital O: once more in small letters, it
        // looks like an o.
        let once: String = skeleton(self.as_str()).collect();
        let again: String = skeleton(&once.to_lowercase()).collect();
        SecretHash::of(&again)
    }

    /// Whether a person cannot tell them apart and needs to. Two addresses in ASCII may look alike: `arne@example.com` and
    /// `ame@example.com` are two colleagues, and each has shown that the mailbox is theirs.
    pub fn passes_for(&self, other: &Self) -> bool {
        let is_plain_address = |name: &Self| name.as_str().is_ascii() && name.as_str().contains('@');
        self != other
            && self.skeleton().matches(&other.skeleton())
            && !(is_plain_address(self) && is_plain_address(other))
    }

    /// Whether its letters are of one script, or of Latin beside one that is written with it: "highly restrictive" in UTS 39
    /// §5.2, but for its list of allowed characters. Scripts of few people are as good as others here.
    pub fn is_of_one_script(&self) -> bool {
        if self.as_str().is_single_script() {
            return true;
        }
        let others: String = self.as_str().chars().filter(|c| c.script() != Script::Latin).collect();
        let AugmentedScriptSet { hanb, jpan, kore, .. } = others.as_str().resolve_script_set();
        hanb || jpan || kore
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> LoginIdentifier {
        LoginIdentifier::typed(text).unwrap()
    }

    #[test]
    fn names_that_look_alike_are_told_from_names_that_do_not() {
        for (one, other) in [
            ("paypal", "p\u{430}yp\u{430}l"),
            ("alice", "\u{430}lice"),
            ("paypal", "paypa1"),
            ("bob", "b0b"),
            ("scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}"),
            ("modern", "rnodern"),
            ("alice@example.com", "\u{430}lice@example.com"),
            ("alice@example.com", "alice@ex\u{430}mple.com"),
        ] {
            assert!(name(one).passes_for(&name(other)), "{one} {other}");
            assert!(name(other).passes_for(&name(one)), "{other} {one}");
        }
        for (one, other) in
            [("alice", "alicia"), ("anna", "ana"), ("alice", "alice"), ("jose", "josé"), ("alice", "alice@example.com")]
        {
            assert!(!name(one).passes_for(&name(other)), "{one} {other}");
        }
    }

    #[test]
    fn two_addresses_in_ascii_are_two_addresses() {
        let (arne, ame) = (name("arne@example.com"), name("ame@example.com"));
        assert!(arne.skeleton().matches(&ame.skeleton()));
        assert!(!arne.passes_for(&ame));
        assert!(name("arne").passes_for(&name("ame")), "of usernames there is nothing that proves one of them");
    }

    #[test]
    fn a_name_is_of_one_script_or_of_those_that_are_written_together() {
        for good in [
            "alice",
            "o'neil-2",
            "józef",
            "алиса",
            "ωμέγα",
            "李小龍",
            "たろうkun",
            "タロウ太郎",
            "김철수abc",
            "नमस्ते",
            "👍",
            "user+tag",
            "42",
        ] {
            assert!(name(good).is_of_one_script(), "{good}");
        }
        for bad in ["\u{430}lice", "alic\u{435}", "ωmega", "алисаa", "שalom"] {
            assert!(!name(bad).is_of_one_script(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_for_another_does_so_both_ways_and_never_for_itself(one in "\\PC{1,12}", other in "\\PC{1,12}") {
            if let (Ok(one), Ok(other)) = (LoginIdentifier::typed(&one), LoginIdentifier::typed(&other)) {
                prop_assert_eq!(one.passes_for(&other), other.passes_for(&one));
                prop_assert!(!one.passes_for(&one));
            }
        }

        #[test]
        fn every_spelling_of_a_name_has_its_skeleton(text in "\\PC{1,20}") {
            let spellings = [text.to_uppercase(), format!(" {text} ")];
            if let Ok(canonical) = LoginIdentifier::typed(&text) {
                for spelling in spellings {
                    if LoginIdentifier::typed(&spelling) == Ok(canonical.clone()) {
                        prop_assert!(name(&spelling).skeleton().matches(&canonical.skeleton()));
                    }
                }
            }
        }

        #[test]
        fn swapping_letters_for_those_of_another_alphabet_keeps_the_skeleton(
            text in "[aceopxyij]{1,12}",
            at in any::<prop::sample::Index>(),
        ) {
            let twins = [('a', 'а'), ('c', 'с'), ('e', 'е'), ('o', 'о'), ('p', 'р'), ('x', 'х'), ('y', 'у'), ('i', 'і'), ('j', 'ј')];
            let at = at.index(text.len());
            let swapped: String = text
                .chars()
                .enumerate()
                .map(|(i, c)| if i == at { twins.iter().find(|(latin, _)| *latin == c).unwrap().1 } else { c })
                .collect();
            prop_assert!(name(&text).passes_for(&name(&swapped)));
        }
    }
}
