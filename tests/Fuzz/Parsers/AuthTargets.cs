using System.Text;
using FullStack.Auth.Backends;
using FullStack.Auth.Backends.Files;
using FullStack.Auth.Backends.Ldap;
using FullStack.Auth.Backends.Sql;
using FullStack.Auth.Factors;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Auth.Tokens;

namespace FullStack.Fuzz.Parsers;

/// <summary>Names and proofs of logins, tokens and keys, stored passwords, and what directories say.</summary>
internal static class AuthTargets
{
    private const string Verifier = "4096$W22ZaJ0SNY7soEsUEjb6gQ==$rOx9HfuDGxKxJSXMhQ9QZq6vBVQGmJGzmIYhEDA3cZI=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    private const string Token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhbGljZSIsImV4cCI6MTc5NTI4ODk0M30.c2lnbmF0dXJl";

    private static readonly string[] s_addresses = ["alice@example.test", "@example.test", "J\xC3\xBCrgen@b\xC3\xBC" + "cher.example", "a+b.c@xn--bcher-kva.example", "a..b@c", "@"];

    private static readonly string[] s_networks = ["192.0.2.0/24,2001:db8::/32 10.0.0.1", "0.0.0.0/0", "::1/129,/", "local"];

    private static readonly string[] s_json =
    [
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"1\",\"n\":\"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"use\":\"sig\",\"alg\":\"ES256\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\xFF\",\"e\":\"\\ud800\"}]}", // no UTF-8, and half a character
        "{\"a\":[{\"b\":{\"c\":[1,2.5e9,null,true,\"\\u0000\\ud800\"]}}]}",
    ];

    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("DirectoryAddress.TryParse", s_addresses, static input =>
        {
            if (!DirectoryAddress.TryParse(input.Text, out DirectoryAddress address))
                return;
            Assert.True(DirectoryAddress.TryParse(address.ToString(), out DirectoryAddress again) && again == address);
            Assert.DoesNotContain(address.ToString(), static c => char.IsControl(c) || char.IsWhiteSpace(c));
        }) { Also = ["DirectoryAddress.TryParsePreservingCase", "DirectoryAddress.TryParseDomain"] },
        new("DirectoryAddress.TryParseAlias", s_addresses, static input => DirectoryAddress.TryParseAlias(input.Text, out _)),
        new("AddressTemplate.Parse", ["/home/%d/%n", "%%%u%Lu%{user}@%{domain}", "%x"], static input
            => Assert.NotNull(AddressTemplate.Parse(input.Text).Expand(new("alice", "example.test")))) { Also = ["AddressTemplate.ReadVariable"], Refusal = typeof(FormatException) },
        new("QueryTemplate.Parse", ["SELECT password FROM users WHERE name = '%n' AND domain = %d -- %u\n", "SELECT '%%' /* %d */, \"%u\", $1 FROM x WHERE a LIKE E'\\'%u'"], static input
            => Assert.NotNull(QueryTemplate.Parse(input.Text))) { MaxPerOctet = 512, Refusal = typeof(FormatException) },
        new("FilterText.Escape", ["alice*)(uid=*", "J\xC3\xBCrgen\\\0"], static input => Assert.False(FilterText.Escape(input.Text).AsSpan().ContainsAny("*()\0"))) { MaxPerOctet = 512 },
        new("AccountFields.Read", ["quota_rule=*:storage=1G;allow_nets=192.0.2.0/24", "home=/srv/../x;uid=-1", "nologin=y;reason=x\r\ny", "quota_rule=*:storage;quota=x", "userdb_quota=maildir:x:y"], static input =>
        {
            (string first, string second) = input.Halves;
            KeyValuePair<string, string>[] fields = [.. new[] { first, second }.Select(static text => text.Split('=', 2)).Select(static pair => new KeyValuePair<string, string>(pair[0], pair[^1]))];
            Assert.NotNull(AccountFields.Read("test", new("alice", "example.test"), new(), fields).User);
        }) { Refusal = typeof(DirectoryUnavailableException) },
        new("PasswdLine.Parse", ["alice@example.test:{PLAIN}x:1000:1000:Alice:/home/alice::userdb_quota_rule=*:bytes=10M nologin", "# c\n:\nbob:x\nbob", "a:b:c:d:e:f:g:h:i"], static input
            => Assert.InRange(PasswdLine.Parse(input.Lines).Lines.Count, 0, input.Lines.Count)) { MaxPerOctet = 512 },
        new("UserdbLine.Parse", ["alice\tuid=1000|gid=1000|home=/home/alice|systempw=$1$a$b|mail=/x", "b@c\timappw={MD5}x|||=", "#x\n\t"], static input
            => Assert.InRange(UserdbLine.Parse(input.Lines).Lines.Count, 0, input.Lines.Count)) { MaxPerOctet = 1024 },
        new("LoginRules.ReadNetworks", s_networks, static input => Assert.NotNull(LoginRules.ReadNetworks(input.Text))) { MaxPerOctet = 512, Refusal = typeof(FormatException) },
        new("TimeCode.TrySplit", ["secret123456", "123456", "12345"], static input =>
        {
            if (TimeCode.TrySplit(input.Text, out string? password, out string? code))
                Assert.Equal(input.Text, password + code);
        }),
        new("PasswordHash.IsSupported", ["{SCRAM-SHA-256}" + Verifier, "{SSHA}c2FsdHNhbHRzYWx0c2FsdHNhbHQ=", "{PBKDF2}$1$abc$5000$0123456789abcdef0123456789abcdef01234567", "$6$rounds=99999999$salt$hash", "{SHA512.HEX}00", "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA"], static input
            => _ = PasswordHash.IsSupported(input.Text)) { Also = ["DigestHash.TryParse", "Pbkdf2Hash.TryParse"] },
        new("ScramVerifier.TryParse", [Verifier, "15000,c2FsdA==,a,b", "1$$"], static input =>
        {
            if (ScramVerifier.TryParse(ScramHash.Sha256, input.Text, out ScramVerifier? verifier))
                Assert.True(ScramVerifier.TryParse(ScramHash.Sha256, verifier.ToString(), out ScramVerifier? again) && again.ToString() == verifier.ToString());
        }),
        new("SaslPrep.TryPrepare", ["I\xC2\xADX", "\xC2\xAA", "\xE2\x85\xA8", "\x07", "\xD8\xA7" + "1"], static input =>
        {
            if (SaslPrep.TryPrepare(input.Text, out string? prepared))
                Assert.True(SaslPrep.TryPrepare(prepared, out string? again) && again == prepared);
        }),
        new("SaslBase64.TryDecode", ["AGFsaWNlAHg=", "=", "AA==", "AB=="], static input =>
        {
            if (SaslBase64.TryDecode(input.Span, out byte[]? octets))
                Assert.Equal(octets, Convert.FromBase64String(input.Text));
        }) { Also = ["SaslBase64.TryDecodeInitial"] },
        new("SaslText.TryDecode", ["alice", "J\xC3\xBCrgen", "\xFF\0"], static input =>
        {
            if (SaslText.TryDecode(input.Span, out string? text))
                Assert.Equal(input.Octets, Encoding.UTF8.GetBytes(text));
        }),
        new("BearerMessage.TryParse", ["n,a=alice@example.test,\x01host=x\x01port=143\x01" + "auth=Bearer " + Token + "\x01\x01", "n,,\x01" + "auth=bearer x\x01\x01"], static input => BearerMessage.TryParse(input.Span, out _)),
        new("BearerMessage.TryParseOld", ["user=alice@example.test\x01" + "auth=Bearer " + Token + "\x01\x01"], static input => BearerMessage.TryParseOld(input.Span, out _)),
        new("ScramClientFirst.TryParse", ["n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "p=tls-exporter,a=x=2Cy=3D,n=a,r=b,m=c", "y,,n=,r="], static input => ScramClientFirst.TryParse(input.Span, out _)),
        new("ScramClientFirst.TryReadName", ["a=2Cb=3Dc", "=", "=2", "=2c"], static input => ScramClientFirst.TryReadName(input.Text, out _)),
        new("ScramClientFinal.TryParse", ["c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "c=,r=,p="], static input => ScramClientFinal.TryParse(input.Span, out _)),
        new("Base64UrlText.TryDecode", ["c2lnbmF0dXJl", "_-8", "A"], static input => Base64UrlText.TryDecode(input.Text, out _)),
        new("JsonText.TryReadObject", s_json, static input => JsonText.TryReadObject(input.Octets, out _)) { MaxPerOctet = 256 },
        new("JsonWebKeySet.TryParse", s_json, static input => JsonWebKeySet.TryParse(input.Octets, out _)) { MaxPerOctet = 256, Also = ["JsonWebKey.TryRead"] },
        new("JsonWebToken.TryParse", [Token, "e30.e30.", "a.b.c.d", "eyJhbGciOiJcdWQ4MDAiLCJraWQiOiJcdWRjMDAifQ.e30.c2ln"], static input => JsonWebToken.TryParse(input.Text, out _)) { MaxPerOctet = 256 },
    ];
}
