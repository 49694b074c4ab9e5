//! The forms in which programs, shells and configurations write a secret.
//!
//! What stands between `«` and `»` is the secret, the rest stays as it is.

use super::{masked_line, redactor};

/// Texts that people read: commands, logs, files.
const TEXTS: &[&str] = &[
    // Containers.
    "docker run --rm -e DB_PASSWORD=«hunter2» -p 80:80 img:1.2",
    "docker run --env=API_TOKEN=«abc-123» --env HOME=/root img",
    "docker run -eAPI_TOKEN=«abc-123» -eHOME=/root img",
    "docker run -it -e 'DB_PASSWORD=«two words»' img",
    "docker run -e \"DB_PASSWORD=«two words»\" img",
    "docker run --env-file /run/secrets/env.list -v /a:/b img",
    "docker login -u me --password «hunter2» registry.test",
    "docker login --username=me --password-stdin registry.test",
    "podman run --secret id=mysecret,src=/run/s --env DB_PASS=«x» img",
    "podman create --env-merge API_KEY=«abc$API_KEY» img",
    "docker service create --env DB_PASSWORD=«hunter2» --replicas 3 img",
    "docker build --build-arg NPM_TOKEN=«npm_abcdef» -t x .",
    "docker-compose run -e SECRET_KEY=«hunter2» web",
    "CMD [\"tool\", \"--password\", \"«hunter2»\", \"--port\", \"80\"]",
    "ENV DB_PASSWORD=«hunter2»",
    "ENV DB_PASSWORD «hunter2»",
    "ARG NPM_TOKEN=«abc»",
    "kubectl create secret generic x --from-literal=user=«me» --from-literal=pw=«hunter2»",
    "kubectl set env deploy/x API_TOKEN=«abc» -n prod",
    "kubectl config set-credentials me --token=«abc-123»",
    "kubectl --token «abc-123» get pods",
    "helm install x . --set db.password=«hunter2»,replicas=3",
    "helm upgrade x . --set-string auth.rootPassword=«hunter2» --wait",
    // Shells.
    "export DB_PASSWORD=«hunter2» && ./run --port 80",
    "DB_PASSWORD=«hunter2» ./run",
    "env DB_PASSWORD=«hunter2» LEVEL=debug ./run",
    "set DB_PASSWORD=«hunter2»",
    "setx DB_PASSWORD «hunter2»",
    "setx API_TOKEN \"«two words»\" /M",
    "$env:API_TOKEN = \"«abc»\"",
    "$Env:DB_PASSWORD='«hunter2»'; ./run.ps1",
    "[Environment]::SetEnvironmentVariable(\"DB_PASSWORD\", \"«hunter2»\", \"User\")",
    "set -x DB_PASSWORD «hunter2»",
    "set -gx API_TOKEN «abc»",
    "setenv DB_PASSWORD «hunter2»",
    "declare -x DB_PASSWORD=\"«hunter2»\"",
    "readonly API_KEY='«a b»'",
    "tool --password \\\n",
    "echo \"password: «hunter2»\" >> ~/.config",
    "+ mysql -u root -p«hunter2» -h db",
    "mysqldump -uroot -p«hunter2» shop",
    "mysql --user=root --password=«hunter2» shop",
    "PGPASSWORD=«hunter2» psql -h db -U me",
    "psql postgresql://me:«hunter2»@db:5432/shop",
    "redis-cli -h cache -a «hunter2» ping",
    "redis-cli -u redis://:«hunter2»@cache:6379/0",
    "mongosh 'mongodb+srv://me:«hunter2»@c0.x.mongodb.net/db?retryWrites=true'",
    "sshpass -p «hunter2» ssh me@host",
    "sshpass -p'«hunter2»' scp a me@host:b",
    "openssl rsa -passin pass:«hunter2» -in a.pem",
    "curl -u me:«hunter2» https://h/x",
    "curl -u 'me:«two words»' https://h/x",
    "curl --user me:«hunter2» -s https://h/x",
    "curl -sSL -ume:«hunter2» https://h/x",
    "curl --proxy-user me:«hunter2» https://h/x",
    "curl -H 'Authorization: Bearer «abc.def»' https://h",
    "curl -H \"Authorization: token «abcdef»\" https://h",
    "curl -H 'X-Api-Key: «abc»' https://h/x",
    "curl -H 'PRIVATE-TOKEN: «abc»' https://gitlab.test/api",
    "curl --header \"X-Vault-Token: «s.abc»\" https://vault",
    "curl --oauth2-bearer «abcdef» https://h",
    "curl -d 'grant_type=password&username=me&password=«hunter2»' https://h",
    "curl -d '{\"user\": \"me\", \"password\": \"«hunter2»\"}' https://h",
    "curl -b '«session=abc»' https://h/x",
    "curl --cookie \"«sid=abc; theme=dark»\" https://h/x",
    "wget --password=«hunter2» --user=me https://h/x",
    "wget --http-password «hunter2» https://h",
    "git clone https://oauth2:«glpat-abc»@gitlab.test/a/b.git",
    "git clone https://«ghtoken12»@github.com/a/b.git",
    "git remote set-url origin https://x-access-token:«abc»@github.com/a/b",
    "git -c http.extraheader='AUTHORIZATION: basic «abc=»' fetch",
    "pip install --index-url https://me:«hunter2»@pypi.test/simple x",
    "pip install git+https://«tok123ABC9»@github.com/a/b.git@main#egg=b",
    "twine upload -u __token__ -p «pypi-AgEIcHlwaS5vcmc» dist/*",
    "npm config set //registry.npmjs.org/:_authToken «npm_abcdef»",
    "az login --service-principal -u app -p «hunter2» --tenant t",
    "az storage blob list --account-name a --account-key «abc==»",
    "aws configure set aws_secret_access_key «wJalr/K7MD»",
    "gcloud auth activate-service-account --key-file=/run/key.json",
    "vault login «hvs.CAESIJ3abc123DEF456ghi789»",
    "vault kv put secret/x password=«hunter2» user=me",
    "ansible-playbook x.yml -e 'db_password=«hunter2»' -i hosts",
    "terraform apply -var 'db_password=«hunter2»' -var region=eu",
    "clearml-init --api-secret «abc»",
    // Files.
    "machine api.test login me password «hunter2»",
    "default login me password «hunter2»",
    "//registry.npmjs.org/:_authToken=«npm_abcdef»",
    "_auth=«bWU6cHc=»",
    "password = «pypi-AgEIcHlwaS5vcmc»",
    "api { credentials { access_key: \"«AK123»\", secret_key: \"«SK123»\" } }",
    "api.credentials.secret_key = \"«SK123»\"",
    "api.credentials.secret_key = ${?CLEARML_API_SECRET_KEY}",
    "secret_key: \"\"\"«SK123»\"\"\"",
    "git_pass=«hunter2»",
    "    password: «hunter2»",
    "  password: \"«correct horse»\"  # the old one",
    "- {name: DB_PASSWORD, value: «hunter2»}",
    "{\"name\":\"DB_PASSWORD\",\"value\":\"«hunter2»\"}",
    "[{\"Name\": \"API_TOKEN\", \"Value\": \"«abc»\"}]",
    "{\"auths\": {\"r.test\": {\"auth\": \"«bWU6cHc=»\"}}}",
    "{\"identitytoken\": \"«abc»\"}",
    "db.password=«hunter2»",
    "spring.datasource.password=«hunter2»",
    "[database]\npassword = \"«hunter2»\"\n",
    "token = '«aB3dE5fG7hJ9»' # TOML",
    "secret_key = '''«abc»'''",
    "<add key=\"ApiKey\" value=\"«abc»\" />",
    "<password>«hunter2»</password>",
    "Server=db;User Id=me;Password=«hunter2»;Encrypt=true",
    "Server=db;Uid=me;Pwd=«hunter2»;",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=«abc==»;EndpointSuffix=core",
    "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=«abc=»",
    "jdbc:mysql://db/shop?user=me&password=«hunter2»",
    "jdbc:«oracle:thin:me/hunter2»@db:1521:x",
    "amqp://me:«hunter2»@mq:5672/%2f",
    "ftp://me:«hunter2»@h/x",
    "s3://AKIAIOSFODNN7:«wJalrK7MD»@bucket/x",
    "sqlalchemy.exc: (mysql+pymysql://me:«hunter2»@db/x) failed",
    // The web.
    "GET /login?user=me&password=«hunter2» HTTP/1.1",
    "https://h/cb?state=abc&access_token=«def»#x",
    "https://a.blob.core.windows.net/c/b?sv=2022&sig=«a%2Fb%3D»&se=2026",
    "https://b.s3.test/x?X-Amz-Credential=«AKIA%2F1»&X-Amz-Signature=«0af9»",
    "https://storage.googleapis.com/b/x?GoogleAccessId=a&Signature=«abc%3D»",
    "> Authorization: Basic «bWU6cHc=»",
    "< Set-Cookie: «sid=abc; Path=/»",
    "Proxy-Authorization: Basic «bWU6cHc=»",
    "Authorization: Digest «username=\"me\", response=\"abc\"»",
    "Authorization: «AWS4-HMAC-SHA256 Credential=AKIA/1, Signature=abc»",
    "x-api-key: «abc»",
    "headers={'Authorization': 'Bearer «abc»', 'Accept': '*/*'}",
    "jwt «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijk» expired",
    "key AKIAIOSFODNN7EXAMPLE is no secret by itself",
    "aws_secret_access_key=«wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY»",
    "using sk-proj-none, then «sk-proj-a8Kd93LmQz7Tt0b4dor3xQ»",
    // Nested.
    "bash -c 'export API_TOKEN=«abc»; run'",
    "bash -c \"docker run -e API_TOKEN=«abc» img\"",
    "sh -c \"echo '{\\\"password\\\": \\\"«hunter2»\\\"}' > f\"",
    "CLEARML_DOCKER_IMAGE=img -e API_TOKEN=«abc» --ipc=host",
    "{\\\"api_key\\\": \\\"«abc»\\\", \\\"n\\\": 1}",
    "{\\\\\\\"api_key\\\\\\\": \\\\\\\"«abc»\\\\\\\", \\\\\\\"n\\\\\\\": 1}",
    "args: [\"-e\", \"API_TOKEN=«abc»\", \"-v\", \"/a:/b\"]",
    "['docker', 'run', '-e', 'DB_PASSWORD=«two words»', 'img']",
    "subprocess.run(['tool', '--password', '«hunter2»'], check=True)",
    "Namespace(api_key='«abc»', lr=0.1, password='«hunter2»')",
    "os.environ['DB_PASSWORD'] = '«hunter2»'",
    "os.environ.setdefault(\"DB_PASSWORD\", \"«hunter2»\")",
    "os.getenv('DB_PASSWORD', '«hunter2»')",
    "login(user='me', password='«hunter2»')",
];

/// Returns a text without its marks, and the text that is to be shown.
fn parts(form: &str) -> (String, String) {
    let text = form.replace(['«', '»'], "");
    let mut masked = String::new();
    for (index, part) in form.split(['«', '»']).enumerate() {
        masked.push_str(if index % 2 == 1 { "********" } else { part });
    }
    (text, masked)
}

#[test]
fn a_secret_is_masked_in_each_form_and_nothing_else() {
    let redactor = redactor(&[], &[]);
    let faults: Vec<_> = TEXTS
        .iter()
        .filter_map(|form| {
            let (text, expected) = parts(form);
            let shown = masked_line(&redactor, &text);
            (shown != expected).then(|| format!("expected {expected}\n   shown {shown}"))
        })
        .collect();
    let (count, faults) = (faults.len(), faults.join("\n"));
    assert!(faults.is_empty(), "{count} of {}:\n{faults}", TEXTS.len());
}
