//! A look at a file before anything of it is compiled: what compiling costs grows with the code, and for a single
//! function faster than that.

use wasmparser::{FunctionBody, Operator, Parser, Payload};

/// The most code in all functions together, bytes. Whole interpreters stay below it.
pub const MAX_CODE_BYTES: u64 = 32 << 20;

/// The most code in one function, bytes.
pub const MAX_FUNCTION_BYTES: u64 = 1 << 20;

/// The most blocks within one another. The compiler's time grows with their square; the largest switches of real
/// programs stay below it.
pub const MAX_DEPTH: usize = 4_000;

/// The most functions.
const MAX_FUNCTIONS: u64 = 200_000;

/// Whether the code is of a size that can be compiled. Whether it is code at all is not looked at: what cannot be read
/// is the compiler's to refuse, which does so before it compiles.
///
/// # Errors
/// Says what is too much of it.
pub fn measure(bytes: &[u8]) -> Result<(), String> {
    let (mut all, mut functions) = (0_u64, 0_u64);
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(payload) = payload else {
            return Ok(());
        };
        if let Payload::CodeSectionEntry(body) = payload {
            let range = body.range();
            let size = range.end.saturating_sub(range.start) as u64;
            if size > MAX_FUNCTION_BYTES {
                return Err(format!(
                    "one of its functions has {size} bytes of code; at most {MAX_FUNCTION_BYTES} are compiled"
                ));
            }
            // Each block takes three bytes.
            if size > MAX_DEPTH as u64 * 3 && is_too_deep(&body) {
                return Err(format!(
                    "one of its functions has more than {MAX_DEPTH} blocks within one another"
                ));
            }
            all += size;
            functions += 1;
        }
    }
    if all > MAX_CODE_BYTES {
        return Err(format!(
            "its functions have {all} bytes of code; at most {MAX_CODE_BYTES} are compiled"
        ));
    }
    if functions > MAX_FUNCTIONS {
        return Err(format!(
            "it has {functions} functions; at most {MAX_FUNCTIONS} are compiled"
        ));
    }
    Ok(())
}

fn is_too_deep(body: &FunctionBody<'_>) -> bool {
    let Ok(operators) = body.get_operators_reader() else {
        return false;
    };
    let mut depth = 0_usize;
    for operator in operators {
        match operator {
            Ok(Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. }) => depth += 1,
            Ok(Operator::End) => depth = depth.saturating_sub(1),
            Ok(_) => {}
            Err(_) => return false,
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A core module of one function of so many bytes.
    fn module(size: usize) -> Vec<u8> {
        fn leb(out: &mut Vec<u8>, mut value: usize) {
            while value > 0x7f {
                out.push((value & 0x7f) as u8 | 0x80);
                value >>= 7;
            }
            out.push(value as u8);
        }
        let mut body = vec![0];
        body.resize(size - 1, 1);
        body.push(0x0b);
        let mut code = vec![1];
        leb(&mut code, body.len());
        code.extend(body);
        let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a".to_vec();
        leb(&mut module, code.len());
        module.extend(code);
        module
    }

    #[test]
    fn a_function_may_be_long_but_not_too_long() {
        let most = usize::try_from(MAX_FUNCTION_BYTES).unwrap();
        assert_eq!(measure(&module(most)), Ok(()));
        let refused = measure(&module(most + 1)).unwrap_err();
        assert!(refused.contains("1048577"), "{refused}");
    }

    #[test]
    fn blocks_may_be_deep_but_not_too_deep() {
        let nested = |depth: usize| {
            let mut text = "(module (func ".to_owned();
            text.push_str(&"block ".repeat(depth));
            text.push_str(&"end ".repeat(depth));
            text.push_str("))");
            wat::parse_str(text).unwrap()
        };
        assert_eq!(measure(&nested(MAX_DEPTH - 1)), Ok(()));
        assert_eq!(measure(&nested(MAX_DEPTH)), Ok(()));
        let refused = measure(&nested(MAX_DEPTH + 1)).unwrap_err();
        assert!(refused.contains("blocks"), "{refused}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = measure(&bytes);
            let _ = measure(&[b"\0asm\x0d\0\x01\0".as_slice(), &bytes].concat());
            let _ = measure(&[b"\0asm\x01\0\0\0".as_slice(), &bytes].concat());
        }
    }
}
