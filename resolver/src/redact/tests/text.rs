//! What is masked in texts that programs print.

use super::{masked_line, redactor};

#[test]
fn what_stands_behind_a_name_of_a_secret_is_masked() {
    for (text, masked) in [
        ("password=hunter2", "password=********"),
        ("password = hunter2 and more", "password = ******** and more"),
        ("  password: correct horse", "  password: ********"),
        ("user=a, password=b, host=c", "user=a, password=********, host=c"),
        ("{\"password\": \"a b\", \"n\": 1}", "{\"password\": \"********\", \"n\": 1}"),
        ("{'api_key': 'x', 'n': 1}", "{'api_key': '********', 'n': 1}"),
        (r#"{\"secret\":\"a\\\"b\",\"n\":1}"#, r#"{\"secret\":\"********\",\"n\":1}"#),
        ("export A_TOKEN=x; run", "export A_TOKEN=********; run"),
        (
            "A_TOKEN='x y'z run",
            "A_TOKEN='********' run".replace("'********'", "'********").as_str(),
        ),
        ("echo \"A_TOKEN=x\" > f", "echo \"A_TOKEN=********\" > f"),
        (
            "docker run -eA_TOKEN=x -e=B_TOKEN=y img",
            "docker run -eA_TOKEN=******** -e=B_TOKEN=******** img",
        ),
        ("tool --password x --verbose", "tool --password ******** --verbose"),
        ("['--token', 'x', '-v']", "['--token', '********', '-v']"),
        ("ENV A_TOKEN x", "ENV A_TOKEN ********"),
        ("<password>a b</password>", "<password>********</password>"),
        ("AccountKey=abc==;EndpointSuffix=core", "AccountKey=********;EndpointSuffix=core"),
        ("os.environ[\"A_TOKEN\"] = \"x\"", "os.environ[\"A_TOKEN\"] = \"********\""),
        ("q=token%3Dabc%26n=1&password%3dx", "q=token%3Dabc%26n=1&password%3d********"),
        (
            "api { credentials { secret_key: \"x\" } }",
            "api { credentials { secret_key: \"********\" } }",
        ),
        (
            "{\"name\": \"A_TOKEN\", \"value\": \"x\"}",
            "{\"name\": \"A_TOKEN\", \"value\": \"********\"}",
        ),
        ("- name: A_TOKEN\n  value: x\n", "- name: A_TOKEN\n  value: ********\n"),
        ("- name: A_TOKEN\r\n  value: x\r\n", "- name: A_TOKEN\r\n  value: ********\r\n"),
        (
            "\x1b[36mpassword\x1b[0m=\x1b[35mx\x1b[0m",
            "\x1b[36mpassword\x1b[0m=\x1b[35m********\x1b[0m",
        ),
        ("token=s3cr3tVALUE", "token=********"),
        ("API_KEY_PROD=x and api-key-2-b: y", "API_KEY_PROD=******** and api-key-2-b: ********"),
        ("GITHUB_PAT=x GITLAB_PAT: y", "GITHUB_PAT=******** GITLAB_PAT: ********"),
        ("auth: {\"auth\": \"dXNlcjpwYXNz\"}", "auth: {\"auth\": \"********\"}"),
    ] {
        assert_eq!(masked_line(&redactor(&[], &[]), text), masked, "{text}");
    }
}

#[test]
fn urls_and_headers_are_masked() {
    for (text, masked) in [
        ("see https://u:p@h/x, https://v:q@i", "see https://u:********@h/x, https://v:********@i"),
        ("https://u:p/q@h/x", "https://u:********@h/x"),
        ("GET /x?token=abc&n=1", "GET /x?token=********&n=1"),
        ("https://h/x?sig=abc%2F&sv=1", "https://h/x?sig=********&sv=1"),
        (
            "https://b/x?X-Amz-Signature=0af&X-Amz-Date=1",
            "https://b/x?X-Amz-Signature=********&X-Amz-Date=1",
        ),
        (
            "https://hooks.slack.com/services/T01/B02/c03xyz",
            "https://hooks.slack.com/services/********",
        ),
        (
            "https://discord.com/api/webhooks/123456/abcdef",
            "https://discord.com/api/webhooks/********",
        ),
        ("> Authorization: Bearer a.b.c", "> Authorization: Bearer ********"),
        (
            "curl -H \"Authorization: Bearer x\" https://h",
            "curl -H \"Authorization: Bearer ********\" https://h",
        ),
        ("{'Authorization': 'Basic dTpw'}", "{'Authorization': 'Basic ********'}"),
        ("Set-Cookie: sid=1; Path=/", "Set-Cookie: ********"),
        ("curl -u me:pw https://h", "curl -u me:******** https://h"),
        ("using Bearer abcdefghijklmnop1234", "using Bearer ********"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345 pushed", "******** pushed"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ01234k pushed", "******** pushed"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nx\n",
            "-----BEGIN RSA PRIVATE KEY-----\n********\n********\n-----END RSA PRIVATE KEY-----\nx\n",
        ),
        (
            "k: \"-----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----\"",
            "k: \"-----BEGIN PRIVATE KEY-----********-----END PRIVATE KEY-----\"",
        ),
    ] {
        assert_eq!(masked_line(&redactor(&[], &[]), text), masked, "{text}");
    }
}

#[test]
fn a_training_log_stays_as_it_is() {
    for line in [
        "Epoch 3/10 loss=0.123 token=the next_token=4096 tokens/s: 1234.5 num_tokens=17",
        "pad_token='<pad>', eos_token_id=2, special tokens: ['<s>', '</s>'] tokenizer=gpt2",
        "key=layer4.conv1.weight value=0.5 missing keys: [] KeyError: 'x' primary_key=12ab34cd56",
        "12:30:45 step:3@gpu0 2024-01-01T00:00:00Z passed: 12 passes: 3 bypass=on compass=north",
        "Authors: me@x.test <you@y.test> git@github.com:a/b.git https://pypi.org/simple/x?y=1",
        "Downloading model.safetensors: 45%|####5     | 1.2G/2.7G [00:12<00:15, 98.7MB/s]",
        "max_tokens: 2048, temperature: 0.7, stop_token: null, hide_secrets=True secret: ",
        "forward pass: 12.3 ms, backward_pass=0.1, attention key: query value, monkey=banana",
    ] {
        assert_eq!(masked_line(&redactor(&[], &[]), line), line);
    }
}

#[test]
fn known_secrets_are_masked_in_every_spelling() {
    let redactor = redactor(&[], &["hunter-2/x", "p\u{e4}ss", "two\nlines of it", "true", "12345"]);
    for (text, masked) in [
        ("a hunter-2/x b", "a ******** b"),
        ("hunter-2/xhunter-2/x", "********"),
        ("hunter-2%2Fx", "********"),
        ("aHVudGVyLTIveA==", "********=="),
        ("dXNlcjpodW50ZXItMi94", "dXNlcj********"),
        ("hunter-2\\/x", "********"),
        ("lines of it", "********"),
        ("two\\nlines of it", "********"),
        ("true 12345", "true 12345"),
    ] {
        let shown = masked_line(&redactor, text);
        assert_eq!(shown, masked, "{text}");
    }
}

#[test]
fn listed_names_are_found_however_short() {
    let redactor = redactor(&["K", "MINE", "X_*"], &[]);
    for (text, masked) in [
        ("K=1 k: a KK=1", "K=******** k: ******** KK=1"),
        ("mine=true", "mine=********"),
        ("X_1=a \"x_b\": \"c\"", "X_1=******** \"x_b\": \"********\""),
    ] {
        assert_eq!(masked_line(&redactor, text), masked, "{text}");
    }
}

#[test]
fn listed_names_are_found_however_many() {
    let names: Vec<String> = (0..2_000).map(|number| format!("mine{number}x")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let redactor = redactor(&names, &[]);
    for name in ["mine0x", "MINE255X", "Mine256x", "mine1999x"] {
        let line = format!("a line with {name}=abc, and more");
        let masked = format!("a line with {name}=********, and more");
        assert_eq!(masked_line(&redactor, &line), masked);
    }
}

#[test]
fn bytes_that_are_no_text_are_kept() {
    let redactor = redactor(&[], &["hunter-2"]);
    let text = b"\xff\xfe password=\xc3\x28x hunter-2 \x00\x80\r50%\r60%\n";
    let masked = redactor.mask_bytes(text);
    assert_eq!(masked, b"\xff\xfe password=******** ******** \x00\x80\r50%\r60%\n");
}
