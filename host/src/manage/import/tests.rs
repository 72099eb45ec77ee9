use super::*;
use crate::plugins::contract;

/// A provider whose keys match `pattern`.
fn manifest(id: &str, pattern: &str, settings: &[&str]) -> Manifest {
    let said = contract::Manifest {
        id: id.into(),
        title: id.to_uppercase(),
        version: "1.0.0".into(),
        homepage: String::new(),
        key_page: "https://keys.example".into(),
        terms_note: String::new(),
        licence: String::new(),
        reaches: Vec::new(),
        powers: Vec::new(),
        secrets: vec![contract::Credential {
            name: "api-key".into(),
            label: "API key".into(),
            pattern: pattern.into(),
            placements: Vec::new(),
            hosts: Vec::new(),
            optional: false,
            extra: Vec::new(),
        }],
        settings: settings
            .iter()
            .map(|name| contract::Setting {
                name: (*name).into(),
                label: (*name).into(),
                kind: "text".into(),
                pattern: "[0-9a-f]{4}".into(),
                choices: Vec::new(),
                default: String::new(),
                optional: false,
                extra: Vec::new(),
            })
            .collect(),
        keyless: false,
        user_base_url: false,
        reads_body: Vec::new(),
        reads_files: Vec::new(),
        canonical_replies: Vec::new(),
        reads_headers: Vec::new(),
        memory_mib: 0,
        deadline_ms: 0,
        quotas: Vec::new(),
        models: Vec::new(),
        extra: Vec::new(),
    };
    Manifest::try_from(said).unwrap()
}

fn world() -> Vec<Manifest> {
    vec![
        manifest("groq", "gsk_[A-Za-z0-9]{4,}", &[]),
        manifest("google", "AIza[A-Za-z0-9_-]{4,}", &[]),
        manifest("mistral", "[A-Za-z0-9]{8}", &[]),
        manifest("cohere", "[A-Za-z0-9]{8}", &[]),
        manifest("openrouter", "sk-or-v1-[0-9a-f]+", &[]),
        manifest("cloudflare", "[A-Za-z0-9_-]{6,}", &["account-id"]),
    ]
}

fn planned(text: &str, choices: &[(usize, &str)]) -> Vec<Planned> {
    let world = world();
    let manifests: Vec<&Manifest> = world.iter().collect();
    let choices = choices
        .iter()
        .map(|(line, id)| (*line, (*id).to_owned()))
        .collect();
    match plan(text, &choices, &manifests, &[], 0) {
        Ok(planned) => planned,
        Err(refused) => panic!("{refused}"),
    }
}

/// Provider and outcome of the only line.
fn one(line: &str) -> (Option<String>, ImportOutcome) {
    let item = &planned(line, &[])[0].item;
    (item.provider.clone(), item.outcome)
}

#[test]
fn the_name_or_a_telling_beginning_says_whose_a_key_is() {
    use ImportOutcome::{Ignored, Invalid, New, Unknown};
    for (line, provider, outcome) in [
        ("GROQ_API_KEY=gsk_abcd", Some("groq"), New),
        ("groq_api_key_2='gsk_abcd'", Some("groq"), New),
        ("GROQ=gsk_abcd", Some("groq"), New),
        ("gsk_abcd", Some("groq"), New),
        ("MY_THING=gsk_abcd", Some("groq"), New),
        ("GEMINI_API_KEY=AIza_-12", Some("google"), New),
        ("GOOGLE_GENERATIVE_AI_API_KEY=AIza1234", Some("google"), New),
        ("MISTRAL_TOKEN=abcd1234", Some("mistral"), New),
        ("MISTRAL_TOKEN=abcd123", Some("mistral"), Invalid),
        // The name counts for more than the value.
        ("MISTRAL_API_KEY=gsk_abcd", Some("mistral"), Invalid),
        ("abcd1234", None, Unknown),
        ("ENCRYPTION_KEY=abcd1234", None, Unknown),
        ("PORT=3001", None, Ignored),
        ("HOSTNAME=abcd1234", None, Ignored),
        ("GROQUET_API_KEY=abcd1234", None, Unknown),
    ] {
        assert_eq!(one(line), (provider.map(str::to_owned), outcome), "{line}");
    }
}

#[test]
fn a_secret_with_a_strangers_name_goes_to_nobody_by_itself() {
    for line in ["ENCRYPTION_KEY=abcd1234", "abcd1234", "AWS_SECRET=abcd1234"] {
        let planned = planned(line, &[]);
        assert!(planned[0].new.is_none(), "{line}");
    }
    let several = &planned("abcd1234", &[])[0].item;
    assert_eq!(several.candidates, ["mistral", "cohere", "cloudflare"]);
}

#[test]
fn the_user_may_say_whose_a_key_is() {
    let planned = planned("PORT=1\nabcd1234", &[(2, "cohere")]);
    assert_eq!(planned[1].item.provider.as_deref(), Some("cohere"));
    assert_eq!(planned[1].new.as_ref().unwrap().provider, "cohere");
    let world = world();
    let manifests: Vec<&Manifest> = world.iter().collect();
    let nobody = [(1, "nobody".to_owned())].into();
    assert!(matches!(
        plan("abcd1234", &nobody, &manifests, &[], 0),
        Err(Refused::Field { field, .. }) if field == "providers.1"
    ));
}

#[test]
fn settings_go_with_the_keys_of_their_provider() {
    let planned = planned("CLOUDFLARE_API_TOKEN=abcdef\nCF_ACCOUNT_ID=12ab", &[]);
    let new = planned[0].new.as_ref().unwrap();
    assert_eq!(new.settings["account-id"], "12ab");
    assert_eq!(planned[1].item.outcome, ImportOutcome::Ignored);
    let alone = &self::planned("CLOUDFLARE_API_TOKEN=abcdef", &[])[0].item;
    assert_eq!(alone.outcome, ImportOutcome::Invalid);
    assert!(alone.reason.contains("account-id"), "{}", alone.reason);
}

#[test]
fn the_same_key_is_added_once() {
    let planned = planned("gsk_abcd\nGROQ_API_KEY=gsk_abcd\ngsk_abce", &[]);
    let outcomes: Vec<_> = planned.iter().map(|one| one.item.outcome).collect();
    assert_eq!(
        outcomes,
        [
            ImportOutcome::New,
            ImportOutcome::Duplicate,
            ImportOutcome::New
        ]
    );
}

#[test]
fn no_value_comes_back() {
    let text = "GROQ_API_KEY=gsk_SECRETSECRETSECRET\nMISTRAL_API_KEY=SECRET!!!\nX_KEY=SECRETSECRET\nSECRETSECRET";
    for one in planned(text, &[]) {
        assert!(
            !format!("{:?}", one.item).contains("SECRET"),
            "{:?}",
            one.item
        );
    }
}
