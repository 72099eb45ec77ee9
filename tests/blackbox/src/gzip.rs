//! Gzip by hand: the two forms that tests of decompression need.

/// The end of a gzip head: deflate, no flags, no time, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// `data` in gzip, stored and not compressed.
#[must_use]
pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = HEAD.to_vec();
    let blocks: Vec<_> = data.chunks(0xffff).collect();
    for (n, block) in blocks.iter().enumerate() {
        out.push(u8::from(n + 1 == blocks.len()));
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    out.extend(crc32(data).to_le_bytes());
    out.extend(length.to_le_bytes());
    out
}

/// A gzip file of a hundredth of a byte for each of the `length` spaces that it becomes, or a few more.
#[must_use]
pub fn gzip_bomb(length: usize) -> Vec<u8> {
    let mut bits = Bits(HEAD.to_vec(), 0, 0);
    // A last block with the fixed codes, and in it one space …
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    bits.code(0x30 + u32::from(b' '), 8);
    // … and copies of 258 bytes from one byte back: length code 285, distance code 0.
    for _ in 0..length.div_ceil(258) {
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
    }
    bits.code(0, 7);
    let mut out = bits.end();
    let data = vec![b' '; 1 + length.div_ceil(258) * 258];
    out.extend(crc32(&data).to_le_bytes());
    out.extend(u32::try_from(data.len()).unwrap_or(0).to_le_bytes());
    out
}

/// A bit stream as deflate writes it: whole bytes, the bits not yet a byte, and their number.
struct Bits(Vec<u8>, u8, u8);

impl Bits {
    /// Numbers go in with their lowest bit first.
    fn push(&mut self, value: u32, bits: u8) {
        for n in 0..bits {
            self.1 |= u8::from(value >> n & 1 == 1) << self.2;
            self.2 += 1;
            if self.2 == 8 {
                self.0.push(self.1);
                (self.1, self.2) = (0, 0);
            }
        }
    }

    /// Huffman codes go in with their highest bit first.
    fn code(&mut self, code: u32, bits: u8) {
        for n in (0..bits).rev() {
            self.push(code >> n & 1, 1);
        }
    }

    fn end(mut self) -> Vec<u8> {
        if self.2 > 0 {
            self.0.push(self.1);
        }
        self.0
    }
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
