//! Lines that programs print while a model is trained.

use std::fmt::Write as _;

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

const PACKAGES: &[&str] =
    &["numpy", "torch", "tokenizers", "cryptography", "keyring", "passlib", "python-dateutil"];

/// Returns one line without a secret, with the sign that ends it.
pub fn line(rng: &mut Rng, number: u64) -> String {
    match rng.u32(..10) {
        0..5 => training(rng, number),
        5..7 => python(rng, number),
        _ => tools(rng, number),
    }
}

/// Returns one line with a secret.
pub fn secret_line(rng: &mut Rng, secret: &str) -> String {
    match rng.u32(..4) {
        0 => format!(
            "Executing: docker run -t --gpus all -e CLEARML_API_SECRET_KEY={secret} -e NVIDIA_VISIBLE_DEVICES=0 image\n"
        ),
        1 => format!("Looking in indexes: https://deploy:{secret}@pypi.example.com/simple\n"),
        2 => format!("ValueError: cannot log in with '{secret}' to s3.example.com\n"),
        _ => format!("agent.git_pass: {secret}\n"),
    }
}

fn training(rng: &mut Rng, number: u64) -> String {
    let (time, value) = (time(rng, number), rng.f64());
    let module = MODULES[rng.usize(..MODULES.len())];
    match rng.u32(..14) {
        0 => format!(
            "{time} - {module} - INFO - Epoch {}/100 step {number} loss={value:.4} lr={:.2e} tokens/s={}\n",
            number % 100,
            value / 1e3,
            rng.u32(1_000..90_000)
        ),
        1 => format!(
            "\r{:3}%|{:<20}| {number}/100000 [00:{:02}<01:12, {value:.2}it/s, loss={value:.3}]",
            number % 100,
            "#".repeat(rng.usize(..20)),
            number % 60
        ),
        2 => format!(
            "{time} - {module} - DEBUG - layer.{}.attention.self.key.weight grad norm {value:.6}\n",
            rng.u32(..48)
        ),
        3 => format!(
            "{{\"step\": {number}, \"loss\": {value:.5}, \"max_tokens\": 2048, \"pad_token_id\": 0, \"model\": \"bert-base-uncased\"}}\n"
        ),
        4 => format!(
            "{time} - {module} - WARNING - Some weights were not initialized: ['classifier.bias', 'classifier.weight'], passing device=cuda:{}\n",
            rng.u32(..8)
        ),
        5 => format!(
            "{time} - {module} - INFO - special tokens: pad_token='<pad>', eos_token='</s>', next_token={}\n",
            rng.u32(..50_000)
        ),
        6 => format!(
            "| {:>5} | {value:>8.4} | {:>8.4} | {:>10} |\n",
            number % 100,
            value * 2.0,
            rng.u32(..)
        ),
        7 => format!(
            "{time} - {module} - INFO - saved checkpoint to /mnt/data/runs/exp_{}/ckpt-{number}.pt (sha256 {})\n",
            rng.u32(..100),
            hexadecimal(rng, 64)
        ),
        8 => format!(
            "tokens: {}, prompt_tokens: {}, completion_tokens={}, token_type_ids=tensor([0, 0, 1])\n",
            rng.u32(..4096),
            rng.u32(..999),
            rng.u32(..999)
        ),
        9 => format!(
            "forward pass: {value:.3} ms, backward_pass={value:.3} ms, pass {} of 10, passes: {}\n",
            number % 10,
            rng.u32(..10)
        ),
        10 => format!(
            "{time} [rank{}] NCCL INFO Channel {:02}/24 : {}[{:x}] -> {}[{:x}] via P2P/IPC\n",
            rng.u32(..8),
            rng.u32(..24),
            rng.u32(..8),
            rng.u32(..),
            rng.u32(..8),
            rng.u32(..)
        ),
        11 => format!(
            "Missing key(s) in state_dict: \"layer{}.conv1.weight\"; unexpected key: \"fc.bias\", dict_keys(['key', 'query', 'value'])\n",
            rng.u32(..9)
        ),
        12 => format!(
            "[{}] GPU{} {value:.1}C util={}% mem {}MiB / 81559MiB sort_key=step author=me auth_mode: none\n",
            time,
            rng.u32(..8),
            rng.u32(..100),
            rng.u32(..81_559)
        ),
        _ => format!(
            "ClearML results page: https://app.clear.ml/projects/{}/experiments/{}/output/log\n",
            hexadecimal(rng, 32),
            hexadecimal(rng, 32)
        ),
    }
}

fn python(rng: &mut Rng, number: u64) -> String {
    let line = rng.u32(1..2_000);
    match rng.u32(..9) {
        0 => format!(
            "  File \"/usr/lib/python3.11/site-packages/torch/nn/modules/module.py\", line {line}, in _call_impl\n"
        ),
        1 => "Traceback (most recent call last):\n".to_owned(),
        2 => format!(
            "    return self.tokenizer(text, padding=True, truncation=True, max_length={line}, key=lambda item: item[0])\n"
        ),
        3 => format!("KeyError: 'sample_{number}'\n"),
        4 => format!(
            "Namespace(batch_size={line}, cache_key='train-{}', data_path='/data/train', seed={number}, tokenizer_path='/models/bert', token=None, password=None)\n",
            rng.u32(..99)
        ),
        5 => format!(
            "DataLoader(sampler=RandomSampler, key_fn=<function sort_key at 0x7f{:010x}>, collate_fn=None)\n",
            rng.u64(..1 << 40)
        ),
        6 => format!(
            "UserWarning: `pad_token_id` should be positive but got: -{line}. This will cause errors when batch generating\n"
        ),
        7 => format!(
            "INFO:root:secret sauce of run {number}: keep the learning rate low; see /docs/keys.md, token by token\n"
        ),
        _ => format!(
            "os.environ: PATH=/usr/local/bin:/usr/bin PWD=/srv/run_{number} LD_LIBRARY_PATH=/usr/lib64 HOSTNAME=node-{line} NCCL_DEBUG=INFO\n"
        ),
    }
}

fn tools(rng: &mut Rng, number: u64) -> String {
    let package = PACKAGES[rng.usize(..PACKAGES.len())];
    let (size, version) =
        (rng.f64() * 99.0, format!("{}.{}.{}", rng.u32(..9), rng.u32(..30), rng.u32(..9)));
    match rng.u32(..12) {
        0 => format!(
            "Downloading https://files.pythonhosted.org/packages/{:02x}/{:02x}/{}/{package}-{version}-cp311-cp311-manylinux_2_17_x86_64.whl ({size:.1} MB)\n",
            rng.u8(..),
            rng.u8(..),
            hexadecimal(rng, 60)
        ),
        1 => format!(
            "Requirement already satisfied: {package}>={version} in /usr/lib/python3/dist-packages (from -r requirements.txt (line {})) ({version})\n",
            number % 80
        ),
        2 => format!(
            "Successfully installed {package}-{version} certifi-2024.8.30 keyring-25.2.1 tokenizers-0.19.1 pyjwt-2.9.0\n"
        ),
        3 => format!(
            "|   {}  NVIDIA A100-SXM4-80GB          On  | 00000000:{:02X}:00.0 Off |                    0 |\n",
            rng.u32(..8),
            rng.u8(..)
        ),
        4 => format!(
            "| N/A   {}C    P0             {}W / 400W |  {:>6}MiB / 81920MiB |    {:>3}%      Default |\n",
            rng.u32(25..80),
            rng.u32(60..400),
            rng.u32(..81_920),
            rng.u32(..100)
        ),
        5 => format!("commit {}\n", hexadecimal(rng, 40)),
        6 => format!(
            "   {}..{}  main       -> origin/main\n",
            hexadecimal(rng, 7),
            hexadecimal(rng, 7)
        ),
        7 => format!("Digest: sha256:{}\n", hexadecimal(rng, 64)),
        8 => format!(
            "{}: Pull complete [{:>20}] {size:.2}MB/99.9MB\r",
            hexadecimal(rng, 12),
            "=".repeat(rng.usize(..20))
        ),
        9 => format!(
            "Cloning into '/root/.clearml/vcs-cache/repo.git.{}/repo.git'... git@github.com:team/repo.git\n",
            hexadecimal(rng, 32)
        ),
        10 => format!(
            "10.0.{}.{} - - \"GET /api/v2.31/tasks.get_by_id?task={}&page={}&sort=key HTTP/1.1\" 200 {}\n",
            rng.u8(..),
            rng.u8(..),
            hexadecimal(rng, 32),
            number % 9,
            rng.u32(..9_999)
        ),
        _ => format!(
            "drwxr-xr-x 2 root root {} Mar  1 12:{:02} run-{}-{package}_{version}\n",
            rng.u32(..9_999),
            number % 60,
            hexadecimal(rng, 8)
        ),
    }
}

fn time(rng: &mut Rng, number: u64) -> String {
    let (hour, minute, second) = (number / 3_600 % 24, number / 60 % 60, number % 60);
    format!("2026-03-01 {hour:02}:{minute:02}:{second:02},{:03}", rng.u32(..1_000))
}

fn hexadecimal(rng: &mut Rng, digits: usize) -> String {
    let mut text = String::with_capacity(digits + 16);
    while text.len() < digits {
        write!(text, "{:016x}", rng.u64(..)).expect("a string takes all");
    }
    text.truncate(digits);
    text
}
