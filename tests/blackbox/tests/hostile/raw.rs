//! Components that no toolchain makes, written by hand: what each would cost the host if it were let.

use std::fmt::Write;

use blackbox::paths;

/// A file for the plugins folder.
pub(super) struct Raw {
    /// Of the file, without `.wasm`.
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
    /// What its refusal says.
    pub(super) told: &'static str,
}

const NO_COMPONENT: &str = "not a WebAssembly component";

/// All of them. Each is refused, whatever it exports: what it does comes before.
pub(super) fn all() -> Vec<Raw> {
    let good = std::fs::read(paths::plugin("openai-compatible")).expect("the plugin");
    let mut huge = good.clone();
    huge.resize((64 << 20) + 1, 0);
    let mut garbled = good.clone();
    let middle = garbled.len() / 2;
    garbled[middle..middle + 64].fill(0xff);
    vec![
        raw("raw-empty", Vec::new(), NO_COMPONENT),
        raw(
            "raw-text",
            b"#!/bin/sh\nexec rm -rf /\n".to_vec(),
            NO_COMPONENT,
        ),
        raw(
            "raw-cut-short",
            good[..good.len() / 2].to_vec(),
            NO_COMPONENT,
        ),
        raw("raw-garbled", garbled, NO_COMPONENT),
        raw("raw-huge-file", huge, "at most"),
        raw("raw-core-module", wat("(module)"), NO_COMPONENT),
        // Machine code from elsewhere, as a compiled component begins.
        raw(
            "raw-machine-code",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".repeat(64),
            NO_COMPONENT,
        ),
        core("raw-huge-table", "(table 4000000000 funcref)", "table"),
        core("raw-huge-memory", "(memory 65536)", "memory"),
        core("raw-two-memories", "(memory 1) (memory 1)", "memories"),
        core("raw-memory64", "(memory i64 1)", "no provider plugin"),
        core("raw-shared-memory", "(memory 1 2 shared)", "thread"),
        core("raw-exceptions", "(tag (param i32))", "exceptions"),
        raw("raw-many-instances", instances(2_000), "instance"),
        raw("raw-deep-types", deep_types(20_000), "nesting"),
        raw("raw-wide-type", wide_type(30_000), "out of bounds"),
        raw("raw-nested-components", nested(2_000), "no provider plugin"),
        raw(
            "raw-many-functions",
            functions(20_000, 150),
            "bytes of code",
        ),
        raw("raw-long-function", functions(1, 100_000), "bytes of code"),
        raw("raw-deep-blocks", blocks(200_000), "blocks within"),
        start("raw-start-spins", "(loop br 0)", "in time"),
        start("raw-start-recurs", "call 0", "trapped"),
        start("raw-start-traps", "unreachable", "trapped"),
        start(
            "raw-start-hoards",
            "(loop (drop (memory.grow (i32.const 64))) br 0)",
            "memory",
        ),
        import("raw-sockets", "wasi:sockets/tcp@0.2.6", "start-connect"),
        import("raw-http", "wasi:http/outgoing-handler@0.2.6", "handle"),
        import("raw-keys", "freellmapi:host/vault@0.1.0", "open"),
        import("raw-plain-import", "env", "system"),
        raw(
            "raw-module-import",
            wat(r#"(component (import "code" (core module)))"#),
            "code",
        ),
        version(
            "raw-next-contract",
            "freellmapi:provider/adapter@0.2.0",
            "built for contract 0.2.0",
        ),
        version(
            "raw-far-contract",
            "freellmapi:provider/adapter@1.0.0",
            "built for contract 1.0.0",
        ),
        version(
            "raw-trial-contract",
            "freellmapi:provider/adapter@0.1.0-rc.1",
            "built for contract 0.1.0-rc.1",
        ),
        version(
            "raw-no-contract",
            "wasi:cli/run@0.2.6",
            "is no provider plugin",
        ),
        version(
            "raw-empty-contract",
            "freellmapi:provider/adapter@0.1.0",
            "does not fit",
        ),
        raw("raw-other-types", other_types(), "does not fit"),
    ]
}

fn raw(name: &'static str, bytes: Vec<u8>, told: &'static str) -> Raw {
    Raw { name, bytes, told }
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a component in words")
}

/// A component with an instance of a core module of these fields.
fn core(name: &'static str, fields: &str, told: &'static str) -> Raw {
    let text = format!("(component (core module $m {fields}) (core instance (instantiate $m)))");
    raw(name, wat(&text), told)
}

/// One that exports the adapter, though none of its functions, and does this when it is instantiated.
fn start(name: &'static str, body: &str, told: &'static str) -> Raw {
    let text = format!(
        r#"(component
            (core module $m (memory 1) (func $start {body}) (start $start))
            (core instance (instantiate $m))
            (instance $adapter)
            (export "freellmapi:provider/adapter@0.1.0" (instance $adapter)))"#
    );
    raw(name, wat(&text), told)
}

fn import(name: &'static str, what: &str, function: &'static str) -> Raw {
    let text = format!(r#"(component (import "{what}" (instance (export "{function}" (func)))))"#);
    raw(name, wat(&text), function)
}

fn version(name: &'static str, interface: &str, told: &'static str) -> Raw {
    let text = format!(r#"(component (instance $i) (export "{interface}" (instance $i)))"#);
    raw(name, wat(&text), told)
}

fn instances(count: usize) -> Vec<u8> {
    let each = "(core instance (instantiate $m))".repeat(count);
    wat(&format!(
        "(component (core module $m (table 1 funcref)) {each})"
    ))
}

/// A list of a list of a list.
fn deep_types(depth: usize) -> Vec<u8> {
    let mut text = "(component (type $t0 (list u8))".to_owned();
    for n in 1..depth {
        let _ = write!(text, "(type $t{n} (list $t{}))", n - 1);
    }
    wat(&format!("{text})"))
}

fn wide_type(fields: usize) -> Vec<u8> {
    let mut text = "(component (type (record".to_owned();
    for n in 0..fields {
        let _ = write!(text, r#"(field "f{n}" u8)"#);
    }
    wat(&format!("{text})))"))
}

/// A component in a component. Made from the inside, since no reader of words goes that deep.
fn nested(depth: usize) -> Vec<u8> {
    const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";
    let mut component = HEADER.to_vec();
    for _ in 0..depth {
        let mut outer = HEADER.to_vec();
        // Section 4 holds a component.
        outer.push(4);
        leb(&mut outer, component.len());
        outer.extend(component);
        component = outer;
    }
    component
}

fn leb(out: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        out.push(if value > 0 { low | 0x80 } else { low });
        if value == 0 {
            return;
        }
    }
}

/// Many or long functions, to keep the compiler busy.
fn functions(count: usize, operations: usize) -> Vec<u8> {
    let mut body = vec![1, 1, 0x7f];
    for n in 0..operations {
        // local.get 0, i32.const n, i32.mul, local.tee 0, local.get 0, i32.add, local.set 0
        let low = u8::try_from(n % 64).unwrap_or(0);
        body.extend([0x20, 0, 0x41, low, 0x6c, 0x22, 0, 0x20, 0, 0x6a, 0x21, 0]);
    }
    body.push(0x0b);
    module(count, &body)
}

/// A function of blocks within blocks.
fn blocks(depth: usize) -> Vec<u8> {
    let mut body = vec![0];
    body.extend([0x02, 0x40].repeat(depth));
    body.extend([0x0b].repeat(depth));
    body.push(0x0b);
    module(1, &body)
}

/// A component that holds a module of so many functions with this body.
fn module(count: usize, body: &[u8]) -> Vec<u8> {
    let section = |id: u8, content: &[u8]| {
        let mut out = vec![id];
        leb(&mut out, content.len());
        out.extend(content);
        out
    };
    let mut declared = Vec::new();
    leb(&mut declared, count);
    declared.extend(vec![0; count]);
    let mut one = Vec::new();
    leb(&mut one, body.len());
    one.extend(body);
    let mut code = Vec::new();
    leb(&mut code, count);
    code.extend(one.repeat(count));
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend(section(1, &[1, 0x60, 0, 0]));
    module.extend(section(3, &declared));
    module.extend(section(10, &code));
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    component.extend(section(1, &module));
    component
}

/// All functions of the adapter are there, and none has its type.
fn other_types() -> Vec<u8> {
    let names = [
        "describe",
        "encode",
        "decode",
        "classify",
        "quotas",
        "decode-models",
    ];
    let exports: String = names
        .iter()
        .map(|name| format!(r#"(export "{name}" (func $f))"#))
        .collect();
    wat(&format!(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $adapter {exports})
            (export "freellmapi:provider/adapter@0.1.0" (instance $adapter)))"#
    ))
}
