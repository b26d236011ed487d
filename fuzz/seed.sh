#!/usr/bin/env bash
# Fills the corpora with what the crates have as samples: from nothing, a fuzzer takes long to find JSON.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
fixtures=../crates/kps-model/tests/fixtures
keys=../crates/kps-emulator/tests/keys

# The order in which the targets count the operations.
operations=(
    create_keypair list_keypairs list_keypair_detail update_keypair_description delete_keypair
    import_private_key export_private_key clear_private_key batch_import_keypair batch_export_private_key
    associate_keypair batch_associate_keypair disassociate_keypair list_keypair_task list_running_task
    list_failed_task delete_failed_task delete_all_failed_task
)

# A seed of a target: bytes in front, as numbers, and then what comes in.
seed() {
    local target=$1 name=$2 byte
    shift 2
    mkdir -p "corpus/$target"
    {
        for byte in "$@"; do
            # shellcheck disable=SC2059
            printf "\\$(printf %o "$byte")"
        done
        cat
    } > "corpus/$target/$name"
}

for at in "${!operations[@]}"; do
    for file in "$fixtures/${operations[at]}".response*.json; do
        [ -e "$file" ] && seed answers "$(basename "$file")" "$at" < "$file"
    done
    for file in "$fixtures/${operations[at]}".request*.json; do
        [ -e "$file" ] && seed requests "$(basename "$file")" "$at" < "$file"
    done
done
for at in 1 14 15; do
    printf '{"limit":50}' | seed requests "limit-$at" "$at"
done
for at in 2 4 7; do
    printf '{"keypair_name":"a"}' | seed requests "name-$at" "$at"
done
for at in 13 16; do
    printf '{"task_id":"t"}' | seed requests "task-$at" "$at"
done
printf '{"keypair_name":"a","description":"d"}' | seed requests description 3
seed requests description-body 18 < "$fixtures/update_keypair_description.request.json"

for file in "$fixtures"/error.*.json; do
    seed error_bodies "$(basename "$file")" 64 < "$file"
    seed answers "$(basename "$file")" 130 < "$file"
done
printf 'slow down' | seed error_bodies long 65
printf '<html><h1>Bad Gateway</h1></html>' | seed error_bodies html 208

dates='Wed, 01 Apr 2026 08:30:05 GMT'
limit='The throttling threshold has been reached: policy user over ratelimit,limit:200,time:5 minute'
printf '3\n%s\n3d9f07b2\n%s' "$dates" "$limit" | seed headers throttled 5 2
printf '%s\n%s\n3d9f07b2\n%s' "$dates" "$dates" "$limit" | seed headers unavailable 2 9
printf '\nThu, 02 Apr 2026 08:30:05 GMT\n3d9f07b2\nverify aksk signature fail' | seed headers skewed 0 1
printf '120\n%s\n\ntoken expires' "$dates" | seed headers expired 24 1

printf '[basic]\nak = AK\nsk = SK\nsecurity_token = ST\nproject_id = 0a1b\n' | seed credentials_file key
printf '# c\n[basic]\nidp_id: i\nid_token_file: /t\niam_endpoint: https://iam.example.com\n[other]\nak = A\n' |
    seed credentials_file token
printf 'KPS:\n  - id: "cn-north-4"\n    endpoint: "https://one.example.com"\n' | seed regions_file one
printf 'kps:\n- {id: cn-north-4, endpoints: [a.example.com, "http://b.example.com:80"]}\nKMS: &a []\nX: *a\n' |
    seed regions_file several

printf 'a.pem\nRSA PRIVATE KEY-----\nMIIE\n\0b/c.key\nPRIVATE KEY-----\n\0d/\0\0\1\0\2' | seed archive stored 0
printf 'a.pem\nRSA PRIVATE KEY-----\nMIIE\n\0b/c.key\nPRIVATE KEY-----\n\0\0\1\0\2' | seed archive deflated 20
# One of `zip`, with a key of a few bytes in it.
base64 -d << 'EOF' | seed archive file 21
UEsDBBQAAAAIACtoeF0YjxBrIwAAACUAAAAFAAAAYS5wZW3T1QUCJ1d3Tz+FoGBHhYAgzzDHEFcF
b9dIkIQul6+npysXAFBLAwQKAAAAAAAraHhdAAAAAAAAAAAAAAAAAgAAAGsvUEsDBAoAAAAAACto
eF0U+r3PBAAAAAQAAAAHAAAAay9uLnR4dG5vdGVQSwECHgMUAAAACAAraHhdGI8QayMAAAAlAAAA
BQAAAAAAAAABAAAApIEAAAAAYS5wZW1QSwECHgMKAAAAAAAraHhdAAAAAAAAAAAAAAAAAgAAAAAA
AAAAABAA7UFGAAAAay9QSwECHgMKAAAAAAAraHhdFPq9zwQAAAAEAAAABwAAAAAAAAABAAAApIFm
AAAAay9uLnR4dFBLBQYAAAAAAwADAJgAAACPAAAAAAA=
EOF

printf 'p\0a%%20b\0a=1&b=%%2F&a\0{}\0X-A\0b\0Content-Type\0text/plain' | seed signing put 1
printf 'p\0a\0\0{}\0X-Sdk-Content-Sha256\0a\0x-sdk-content-sha256\0a' | seed signing stated-twice 1
printf 'p%%2fq\0a+b\0\0\0content-type\0application/json\0X_B\0c' | seed signing get 0
printf '%s\0\0' "a/b é%" | seed signing client 4
printf 'a b\0{"a":1}\0x\0\0y z\0&=' | seed signing client-put 6

requests() {
    printf 'POST /v3/p/keypairs\n\n{"keypair":{"name":"n"}}\0GET /v3/p/keypairs?limit=1&marker=k\0'
    printf 'PUT /v3/p/keypairs/k\n\n{"keypair":{"description":"d"}}\0GET /v3/p/keypairs/k\0'
}
requests | seed emulator keypairs
printf 'POST /v3/p/keypairs/associate\n\n%s\0GET /v3/p/running-tasks\0GET /v3/p/failed-tasks?limit=1&offset=0' \
    '{"keypair_name":"k","server":{"id":"r","auth":{"type":"password","key":"pw"}}}' | seed emulator bind
printf 'POST /v3/p/keypairs/disassociate\n\n{"server":{"id":"s"}}\0DELETE /v3/p/failed-tasks/t' | seed emulator unbind
printf 'POST /v3/auth/tokens\n\n%s' \
    '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"u","password":"p","domain":{"name":"a"}}}},"scope":{"project":{"name":"cn-north-4"}}}}' |
    seed emulator password
printf 'POST /v3.0/OS-AUTH/id-token/tokens\nx-idp-id: i\n\n%s\0GET /v3/auth/projects' \
    '{"auth":{"id_token":{"id":"t"},"scope":{"project":{"name":"cn-north-4"}}}}' | seed emulator id-token
printf 'POST /v3.0/OS-CREDENTIAL/securitytokens\n\n%s\0GET /v3/projects?name=cn-north-4' \
    '{"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":900}}}}' | seed emulator security-token
printf 'PUT /meta-data/latest/api/token\nx-metadata-token-ttl-seconds: 60\0GET /openstack/latest/securitykey' |
    seed emulator metadata
printf 'POST /v5/agencies/assume\n\n%s\0POST /pod-identity/credentials\nauthorization: t' \
    '{"agency_urn":"iam::a:agency:d","agency_session_name":"s"}' | seed emulator assume
printf 'POST /v5/agencies/assume-with-oidc\n\n%s' \
    '{"provider_urn":"i","agency_urn":"iam::a:agency:d","agency_session_name":"s","id_token":"t"}' |
    seed emulator oidc
printf 'GET /v3/p/keypairs\nauthorization: %s\nx-sdk-date: 20260401T083000Z' \
    'SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=00' | seed emulator signed
for at in "${!operations[@]}"; do
    for file in "$fixtures/${operations[at]}".request*.json; do
        [ -e "$file" ] || continue
        case ${operations[at]} in
            create_keypair) path=keypairs ;;
            *_private_key) path=keypairs/private-key/$(cut -d_ -f1 <<< "${operations[at]}") ;;
            *) path=keypairs/$(sed 's/_keypair//; s/_/-/' <<< "${operations[at]}") ;;
        esac
        { printf 'POST /v3/p/%s\n\n' "$path" && tr -d '\n' < "$file"; } | seed emulator "$(basename "$file")"
    done
done

for file in "$keys"/*.pem; do
    seed private_keys "$(basename "$file")" 6 < "$file"
    at=0
    for label in 'RSA PRIVATE' 'EC PRIVATE' 'PRIVATE' 'OPENSSH PRIVATE' 'DSA PRIVATE' 'ENCRYPTED PRIVATE'; do
        if grep -q -- "^-----BEGIN $label KEY" "$file"; then
            sed -n "/^-----BEGIN $label KEY/,/^-----END/p" "$file" | grep -v '[-:]' | tr -d '\n' |
                base64 -d 2> /dev/null | seed private_keys "$(basename "$file").der" "$at" || true
        fi
        at=$((at + 1))
    done
done
for file in "$keys"/*.pub; do
    head -n 1 "$file" | seed private_keys "$(basename "$file")" 7
    at=8
    for name in ssh-rsa ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 ssh-dss; do
        if [ "$(cut -d' ' -f1 "$file" | head -n 1)" = "$name" ]; then
            head -n 1 "$file" | cut -d' ' -f2 | base64 -d | seed private_keys "$(basename "$file").blob" "$at"
        fi
        at=$((at + 1))
    done
done

echo "seeds: $(find corpus -type f | wc -l)"
