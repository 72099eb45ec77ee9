//! The models of the free plan, which all share its limits: two requests and half a million tokens a minute.

use freellmapi_sdk::Model;

pub(crate) fn models() -> impl Iterator<Item = Model> {
    [
        (
            "mistral-large-latest",
            "Mistral Large",
            262_144,
            710,
            "vision",
        ),
        (
            "mistral-medium-latest",
            "Mistral Medium",
            131_072,
            710,
            "vision",
        ),
        (
            "mistral-small-latest",
            "Mistral Small",
            262_144,
            710,
            "vision",
        ),
        ("codestral-latest", "Codestral", 256_000, 670, ""),
        ("devstral-latest", "Devstral", 262_144, 670, ""),
        (
            "magistral-medium-latest",
            "Magistral Medium",
            131_072,
            570,
            "reasoning",
        ),
        ("ministral-8b-latest", "Ministral 8B", 262_144, 430, ""),
    ]
    .into_iter()
    .map(|(id, label, context, rank, more)| {
        Model::chat(id, label)
            .family(id.trim_end_matches("-latest"))
            .context(context)
            .rank(rank)
            .traits("tools json-object json-schema")
            .traits(more)
            .limits(2, 0, 500_000, 0)
    })
    .chain([Model::of("embeddings", "mistral-embed", "Mistral Embed")
        .family("mistral-embed")
        .context(8192)
        .dimensions(&[1024])
        .limits(0, 0, 500_000, 0)])
}
