//! Logs of a training run, made anew and always the same.

use std::{
    fmt::{self, Display, Formatter},
    io::{self, Write},
};

use fastrand::Rng;

const MODULES: &[&str] = &[
    "trainer",
    "dataloader",
    "torch.distributed",
    "transformers.modeling",
    "clearml.Task",
    "apex",
    "optimizer",
    "tokenizer",
    "checkpoint",
];

/// Writes a log without secrets, of so many bytes at least.
pub fn write_plain(mut to: impl Write, bytes: usize) -> io::Result<u64> {
    let mut rng = Rng::with_seed(7);
    let (mut written, mut lines) = (0, 0);
    while written < bytes {
        let line = line(&mut rng, lines);
        to.write_all(line.as_bytes())?;
        written += line.len();
        lines += 1;
    }
    to.flush()?;
    Ok(lines)
}

/// Returns a secret as a machine draws it.
pub fn secret(rng: &mut Rng) -> String {
    let length = rng.usize(16..44);
    (0..length).map(|_| rng.alphanumeric()).collect()
}

/// Texts that are made to take long.
#[derive(Clone, Copy, Debug)]
pub enum Hostile {
    NearMisses,
    Beginnings,
    Names,
    Signs,
}

impl Hostile {
    pub const ALL: [Self; 4] = [Self::NearMisses, Self::Beginnings, Self::Names, Self::Signs];

    /// Returns such a text, of so many bytes at least.
    pub fn text(self, secrets: &[String], bytes: usize) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes + 64);
        let mut line = 0;
        for secret in secrets.iter().cycle() {
            if text.len() >= bytes {
                break;
            }
            match self {
                Self::NearMisses => text.extend_from_slice(&secret.as_bytes()[..secret.len() - 1]),
                Self::Beginnings => text.extend_from_slice(&secret.as_bytes()[..15]),
                Self::Names => text.extend_from_slice(b"max_token=1 "),
                Self::Signs => text.extend_from_slice(b"a@b c:d@e "),
            }
            if text.len() - line > 100 {
                text.push(b'\n');
                line = text.len();
            }
        }
        text
    }
}

impl Display for Hostile {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NearMisses => "secrets less a byte",
            Self::Beginnings => "beginnings of secrets",
            Self::Names => "names",
            Self::Signs => "logins",
        })
    }
}

fn line(rng: &mut Rng, number: u64) -> String {
    let module = MODULES[rng.usize(..MODULES.len())];
    let (hour, minute, second) = (number / 3_600 % 24, number / 60 % 60, number % 60);
    let time = format!("2026-03-01 {hour:02}:{minute:02}:{second:02},{:03}", rng.u32(..1_000));
    let value = rng.f64();
    match rng.u32(..12) {
        0 => format!(
            "{time} - {module} - INFO - Epoch {}/100 step {number} loss={value:.4} lr={:.2e} tokens/s={}\n",
            number % 100,
            value / 1e3,
            rng.u32(1_000..90_000)
        ),
        1 => format!(
            "\r{:3}%|{:<20}| {number}/100000 [00:{second:02}<01:{minute:02}, {value:.2}it/s, loss={value:.3}]",
            number % 100,
            "#".repeat(rng.usize(..20))
        ),
        2 => format!(
            "{time} - {module} - DEBUG - layer.{}.attention.self.key.weight grad norm {value:.6}\n",
            rng.u32(..48)
        ),
        3 => format!(
            "Downloading https://files.pythonhosted.org/packages/{:02x}/{:02x}/numpy-1.26.{}-cp311-cp311-manylinux_2_17_x86_64.whl (18.2 MB)\n",
            rng.u8(..),
            rng.u8(..),
            rng.u32(..9)
        ),
        4 => format!(
            "{time} [rank{}] NCCL INFO Channel {:02}/24 : {}[{:x}] -> {}[{:x}] via P2P/IPC\n",
            rng.u32(..8),
            rng.u32(..24),
            rng.u32(..8),
            rng.u32(..),
            rng.u32(..8),
            rng.u32(..)
        ),
        5 => format!(
            "{{\"step\": {number}, \"loss\": {value:.5}, \"max_tokens\": 2048, \"pad_token_id\": 0, \"model\": \"bert-base-uncased\"}}\n"
        ),
        6 => format!(
            "{time} - {module} - WARNING - Some weights were not initialized: ['classifier.bias', 'classifier.weight'], passing device=cuda:{}\n",
            rng.u32(..8)
        ),
        7 => format!(
            "ClearML results page: https://app.clear.ml/projects/{:032x}/experiments/{:032x}/output/log\n",
            rng.u128(..),
            rng.u128(..)
        ),
        8 => format!(
            "  File \"/usr/lib/python3.11/site-packages/torch/nn/modules/module.py\", line {}, in _call_impl\n",
            rng.u32(1..2_000)
        ),
        9 => format!(
            "{time} - {module} - INFO - special tokens: pad_token='<pad>', eos_token='</s>', next_token={}\n",
            rng.u32(..50_000)
        ),
        10 => format!(
            "| {:>5} | {value:>8.4} | {:>8.4} | {:>10} |\n",
            number % 100,
            value * 2.0,
            rng.u32(..)
        ),
        _ => format!(
            "{time} - {module} - INFO - saved checkpoint to /mnt/data/runs/exp_{}/ckpt-{number}.pt (sha256 {:064x})\n",
            rng.u32(..100),
            rng.u128(..)
        ),
    }
}
