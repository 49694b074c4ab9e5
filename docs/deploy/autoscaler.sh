# For `extra_vm_bash_script` of the autoscaler: runs on a new machine, before its agent starts.
#
# The autoscaler's script traces its commands (`set -x`), and who may describe a machine reads its
# user data: so no secret stands here. The machine's own role reads it from the secret store.
install --directory --mode=755 /etc/clearml-resolver
(
    umask 077
    aws secretsmanager get-secret-value --secret-id clearml-resolver \
        --query SecretString --output text > /etc/clearml-resolver/clearml.conf
)
aws s3 cp s3://example-packages/clearml-resolver_0.1.0-1_amd64.deb /tmp/clearml-resolver.deb
apt-get install --yes /tmp/clearml-resolver.deb

# The agent is started with `--config-file ~/clearml.conf`: it gets the merged configuration there.
(
    umask 077
    clearml-resolver resolve --print --reveal --format hocon --keep-references \
        --socket /run/clearml-resolver/resolver.sock > ~/clearml.conf.new
)
mv ~/clearml.conf.new ~/clearml.conf
