//! Well-known open models, whatever a provider calls them: a list that tells nothing but names still tells how
//! capable its models are, and which of them are the same.

use crate::RawModel;

/// What a name holds, the family, and the rank on the catalogue's scale. The first row that fits counts, so the longer
/// of two names that share a beginning stands first.
const FAMILIES: &[(&str, &str, u32)] = &[
    ("kimi-k2-thinking", "kimi-k2-thinking", 890),
    ("kimi-k2-6", "kimi-k2.6", 950),
    ("kimi-k2-5", "kimi-k2.5", 920),
    ("kimi-k2", "kimi-k2", 850),
    ("deepseek-v4-flash", "deepseek-v4-flash", 910),
    ("deepseek-v4-pro", "deepseek-v4-pro", 930),
    ("deepseek-v3-2", "deepseek-v3.2", 910),
    ("deepseek-v3-1", "deepseek-v3.1", 830),
    (
        "deepseek-r1-distill-qwen-32b",
        "deepseek-r1-distill-qwen-32b",
        810,
    ),
    ("deepseek-r1-distill", "", 450),
    ("deepseek-r1", "deepseek-r1", 810),
    ("qwen3-coder-480b", "qwen3-coder-480b", 950),
    ("qwen3-coder-next", "qwen3-coder-next", 930),
    ("qwen3-next-80b", "qwen3-next-80b", 930),
    ("qwen3-235b", "qwen3-235b", 930),
    ("qwen3-32b", "qwen3-32b", 610),
    ("qwen3-30b-a3b", "qwen3-30b-a3b", 600),
    ("minimax-m3", "minimax-m3", 910),
    ("minimax-m2-7", "minimax-m2.7", 930),
    ("minimax-m2-5", "minimax-m2.5", 900),
    ("minimax-m2", "minimax-m2", 850),
    ("glm-5-1", "glm-5.1", 890),
    ("glm-4-7-flash", "glm-4.7-flash", 630),
    ("glm-4-7", "glm-4.7", 870),
    ("glm-4-6v", "glm-4.6v", 570),
    ("glm-4-6", "glm-4.6", 850),
    ("glm-4-5-air", "glm-4.5-air", 830),
    ("glm-4-5-flash", "glm-4.5-flash", 510),
    ("gpt-oss-120b", "gpt-oss-120b", 870),
    ("gpt-oss-20b", "gpt-oss-20b", 630),
    ("nemotron-3-ultra", "nemotron-3-ultra", 850),
    ("nemotron-3-super", "nemotron-3-super", 550),
    ("nemotron-3-nano", "nemotron-3-nano", 540),
    ("hermes-3-llama-3-1-405b", "hermes-3-405b", 650),
    ("llama-4-maverick", "llama-4-maverick", 770),
    ("llama-4-scout", "llama-4-scout", 750),
    ("llama-3-3-70b", "llama-3.3-70b", 650),
    ("llama-3-1-70b", "llama-3.1-70b", 630),
    ("llama-3-1-8b", "llama-3.1-8b", 430),
    ("llama-3-2-3b", "llama-3.2-3b", 390),
    ("mistral-large", "mistral-large", 710),
    ("mistral-medium", "mistral-medium", 710),
    ("mistral-small", "mistral-small", 700),
    ("magistral-medium", "magistral-medium", 570),
    ("ministral-8b", "ministral-8b", 430),
    ("devstral", "devstral", 670),
    ("codestral", "codestral", 670),
    ("gemma-4-31b", "gemma-4-31b", 610),
    ("gemma-4-26b", "gemma-4-26b", 550),
    ("gemma-3-27b", "gemma-3-27b", 510),
];

/// Puts in family and rank, where the model has none and its name tells.
pub(crate) fn join(model: &mut RawModel) {
    let name: String = model
        .id
        .chars()
        .map(|letter| match letter {
            '.' | '_' | ' ' => '-',
            letter => letter.to_ascii_lowercase(),
        })
        .collect();
    let known = FAMILIES.iter().find(|(part, _, _)| name.contains(part));
    if let Some((_, family, rank)) = known {
        if model.family.is_empty() {
            (*family).clone_into(&mut model.family);
        }
        model.rank = model.rank.or(Some(*rank));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;

    #[test]
    fn the_same_model_has_many_names() {
        for (id, family) in [
            ("moonshotai/Kimi-K2.6:free", "kimi-k2.6"),
            ("kimi-k2-5-260127", "kimi-k2.5"),
            ("@cf/openai/gpt-oss-120b", "gpt-oss-120b"),
            ("meta-llama/Llama-3.3-70B-Instruct", "llama-3.3-70b"),
            ("glm-4.7-flash", "glm-4.7-flash"),
            ("z-ai/glm-4.7", "glm-4.7"),
            ("my-own", ""),
        ] {
            let mut model = Model::chat(id, id).build();
            join(&mut model);
            assert_eq!(model.family, family, "{id}");
            assert_eq!(model.rank.is_some(), !family.is_empty());
        }
    }

    #[test]
    fn no_row_hides_another() {
        for (at, (part, _, rank)) in FAMILIES.iter().enumerate() {
            assert!(*rank <= 1000);
            let hidden = FAMILIES[..at]
                .iter()
                .find(|(earlier, _, _)| part.contains(earlier));
            assert_eq!(hidden, None, "{part}");
        }
    }
}
