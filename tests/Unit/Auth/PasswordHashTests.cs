using FsCheck;
using FsCheck.Fluent;
using FullStack.Auth.Passwords;

namespace FullStack.Unit.Auth;

public sealed class PasswordHashTests
{
    // From the exchange in RFC 7677 §3: salt W22ZaJ0SNY7soEsUEjb6gQ==, 4096 rounds, user "user", password "pencil".
    private const string Pencil = "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,"
        + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    [Fact]
    public void New_form_is_a_scram_verifier_with_a_salt_of_its_own()
    {
        string stored = PasswordHash.Create("correct horse");
        Assert.StartsWith("{SCRAM-SHA-256}15000,", stored, StringComparison.Ordinal);
        Assert.NotEqual(stored, PasswordHash.Create("correct horse"));
        Assert.True(PasswordHash.IsSupported(stored));
        Assert.True(PasswordHash.Verify(stored, "correct horse"));
        Assert.False(PasswordHash.Verify(stored, "correct horsf"));
        Assert.False(PasswordHash.Verify(stored, ""));
    }

    [Fact]
    public void Verifier_agrees_with_the_exchange_of_RFC_7677()
    {
        ScramVerifier verifier = ScramVerifier.Create(ScramHash.Sha256, "pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        byte[] authMessage = System.Text.Encoding.ASCII.GetBytes(
            "n=user,r=rOprNGfwEbeRWgbNEkqO,"
            + "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
            + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");

        // RFC 5802 §3: ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage); H(ClientKey) = StoredKey.
        byte[] clientKey = Convert.FromBase64String("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        byte[] signature = System.Security.Cryptography.HMACSHA256.HashData(verifier.StoredKey, authMessage);
        for (int i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= signature[i];
        Assert.Equal(verifier.StoredKey, System.Security.Cryptography.SHA256.HashData(clientKey));
        Assert.Equal(
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(verifier.ServerKey, authMessage)));
        Assert.Equal(Pencil, "{SCRAM-SHA-256}" + verifier);
        Assert.True(PasswordHash.Verify(Pencil, "pencil"));
    }

    [Theory]
    [InlineData("{PLAIN}secret")]
    [InlineData("{plain}secret")]
    [InlineData("{CLEARTEXT}secret")]
    [InlineData("{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==")]
    [InlineData("{PLAIN-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69")]
    [InlineData("{MD5.hex}5EBE2294ECD0E0F08EAB7690D2A6EE69")]
    [InlineData("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=")]
    [InlineData("{SHA1.HEX}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4")]
    [InlineData("{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=")]
    [InlineData("{SHA256}2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b")]
    [InlineData("{SHA256.b64}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=")]
    [InlineData("{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==")]
    public void Digests_of_other_servers_are_checked(string stored)
    {
        Assert.True(PasswordHash.Verify(stored, "secret"));
        Assert.True(PasswordHash.IsSupported(stored));
        Assert.False(PasswordHash.Verify(stored, "Secret"));
    }

    [Theory]
    [InlineData("{PBKDF2}$1$salty$1000$ba22c078adacf70be06bb5869b467ab03fa1573f")]
    [InlineData("{PBKDF2-SHA1}1000$yMnKy8zNzs/Q0dLT1NXW1w$hW5TrKAxwUv7/I/g5GAQ3AHaC3w")]
    [InlineData("{PBKDF2-SHA256}1000$yMnKy8zNzs/Q0dLT1NXW1w$h8ld7BqaMM2jZJKyKKdobNoIs3/KWd8cTW2pwojzAt4")]
    [InlineData("{PBKDF2-SHA512}1000$yMnKy8zNzs/Q0dLT1NXW1w$IOcMTb4yMjXIfLQ9oJNqi.oS7F9R5/VFihpi6siTs/PhpnWX1Q6ypMZeasmz95udsZKnRI95aOzCcYH9kosjWA")]
    public void Pbkdf2_of_other_servers_is_checked(string stored)
    {
        Assert.True(PasswordHash.Verify(stored, "secret"));
        Assert.False(PasswordHash.Verify(stored, "Secret"));
    }

    [Theory]
    [InlineData("{ARGON2ID}")]
    [InlineData("{ARGON2}")]
    [InlineData("")]
    public void Argon2_is_checked_where_there_is_libsodium(string scheme)
    {
        // From the tests of the reference implementation: salt "somesalt".
        const string Hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        Assert.SkipUnless(SystemLibraries.HasSodium, "libsodium is not installed");
        Assert.True(PasswordHash.Verify(scheme + Hash, "password"));
        Assert.False(PasswordHash.Verify(scheme + Hash, "Password"));
    }

    [Theory]
    [InlineData("{PBKDF2}$1$salty$0$ba22c078adacf70be06bb5869b467ab03fa1573f")]
    [InlineData("{PBKDF2}$1$salty$99999999$ba22c078adacf70be06bb5869b467ab03fa1573f")]
    [InlineData("{PBKDF2}$1$$1000$ba22c078adacf70be06bb5869b467ab03fa1573f")]
    [InlineData("{PBKDF2}$1$salty$1000$ba22c078adacf70be06bb5869b467ab03fa1573")]
    [InlineData("{PBKDF2}$1$salty$1000")]
    [InlineData("{PBKDF2-SHA256}1000$!$h8ld7BqaMM2jZJKyKKdobNoIs3/KWd8cTW2pwojzAt4")]
    [InlineData("{ARGON2ID}$argon2id$v=19$m=2097152,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("{ARGON2ID}$argon2id$v=19$m=65536,t=2000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("{ARGON2ID}$argon2id$v=19$m=65536$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    [InlineData("{ARGON2ID}$argon2d$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")]
    public void Malformed_or_too_costly_ones_are_not(string stored) => Assert.False(PasswordHash.IsSupported(stored));

    [Fact]
    public void Salted_digests_are_checked()
    {
        byte[] salt = [1, 2, 3, 4];
        byte[] text = [.. "secret"u8, .. salt];
        (string Scheme, byte[] Digest)[] forms =
        [
            ("SSHA", System.Security.Cryptography.SHA1.HashData(text)),
            ("SSHA256", System.Security.Cryptography.SHA256.HashData(text)),
            ("SSHA512", System.Security.Cryptography.SHA512.HashData(text)),
            ("SMD5", System.Security.Cryptography.MD5.HashData(text)),
        ];
        foreach ((string scheme, byte[] digest) in forms)
        {
            byte[] stored = [.. digest, .. salt];
            foreach (string form in new[] { $"{{{scheme}}}{Convert.ToBase64String(stored)}", $"{{{scheme}.HEX}}{Convert.ToHexString(stored)}" })
            {
                Assert.True(PasswordHash.Verify(form, "secret"), form);
                Assert.False(PasswordHash.Verify(form, "secret2"), form);
            }

            Assert.False(PasswordHash.IsSupported($"{{{scheme}}}{Convert.ToBase64String(digest)}"), "no salt: not a salted form");
        }

        byte[] sha512 = System.Security.Cryptography.SHA512.HashData("secret"u8);
        Assert.True(PasswordHash.Verify("{SHA512}" + Convert.ToBase64String(sha512), "secret"));
        Assert.True(PasswordHash.Verify("{SHA512}" + Convert.ToHexString(sha512), "secret"));
    }

    // The first three by openssl passwd, the others by perl's crypt.
    [Theory]
    [InlineData("$1$saltsalt$9xy1btjgzLYfb7hivXtC//")]
    [InlineData("$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA")]
    [InlineData("$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1")]
    [InlineData("$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/")]
    [InlineData("$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW")]
    [InlineData("$y$j75$saltsaltsalt$jyf/lxrpdyAIshWRo1x5DRC6KIE7sNRRtjcomR3PgHA")]
    public void Hashes_of_the_systems_crypt_are_checked(string hash)
    {
        foreach (string stored in new[] { hash, "{CRYPT}" + hash, "{crypt}" + hash })
        {
            Assert.True(PasswordHash.IsSupported(stored), stored);
            Assert.True(PasswordHash.Verify(stored, "secret"), stored);
            Assert.False(PasswordHash.Verify(stored, "secret\0"), stored);
            Assert.False(PasswordHash.Verify(stored, "secreT"), stored);
        }
    }

    [Theory]
    [InlineData("{DES-CRYPT}abNANd1rDfiNc")]
    [InlineData("{CRYPT}abNANd1rDfiNc")]
    [InlineData("{SHA512-CRYPT}$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1")]
    [InlineData("{BLF-CRYPT}$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW")]
    [InlineData("{MD5-CRYPT}$1$saltsalt$9xy1btjgzLYfb7hivXtC//")]
    [InlineData("{MD5}$1$saltsalt$9xy1btjgzLYfb7hivXtC//")]
    public void Crypt_hashes_go_by_the_names_other_servers_give_them(string stored)
    {
        Assert.True(PasswordHash.Verify(stored, "secret"));
        Assert.False(PasswordHash.Verify(stored, "Secret"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("{}secret")]
    [InlineData("{PLAIN")]
    [InlineData("{PLAIN}")]
    [InlineData("{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA")]
    [InlineData("$argon2d$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA")]
    [InlineData("{CRYPT}")]
    [InlineData("{CRYPT}short")]
    [InlineData("$6$rounds=99999999$saltsalt$x")]
    [InlineData("$6$rounds=$saltsalt$x")]
    [InlineData("$2y$31$abcdefghijklmnopqrstuuXCq8mYqYzJwS5Yd1EqGqG9hC4Hq1x2y")]
    [InlineData("{SHA}notbase64!")]
    [InlineData("{SHA}AAAA")]
    [InlineData("{SHA.HEX}5en6G6MezRroT3XKqkdPOmY/BfQ=")]
    [InlineData("{MD5}")]
    [InlineData("{SCRAM-SHA-256}")]
    [InlineData("{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,AAAA,AAAA")]
    [InlineData("{SCRAM-SHA-256}0,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("{SCRAM-SHA-256}-1,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("{SCRAM-SHA-256}10000001,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("{SCRAM-SHA-256}99999999999999999999,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("{SCRAM-SHA-256}4096,,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=,x")]
    public void Unknown_and_broken_forms_are_not_supported_and_match_nothing(string stored)
    {
        Assert.False(PasswordHash.IsSupported(stored));
        foreach (string password in new[] { "", "secret", "pencil", stored })
            Assert.False(PasswordHash.Verify(stored, password));
    }

    [Fact]
    public void No_text_makes_the_parser_throw()
    {
        string[] heads = ["", "{SCRAM-SHA-256}", "{SCRAM-SHA-256}4096,", "{SSHA}", "{SHA.HEX}", "{CRYPT}", "{CRYPT}$6$", "$2y$", "$6$rounds="];
        Prop.ForAll<string, int>((tail, head) =>
        {
            string stored = heads[(int)((uint)head % heads.Length)] + tail;
            _ = PasswordHash.IsSupported(stored);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Verifiers_survive_writing_and_reading()
        => Prop.ForAll<NonNull<string>, PositiveInt>((password, seed) =>
        {
            byte[] salt = new byte[1 + (seed.Get % 64)];
            new Random(seed.Get).NextBytes(salt);
            ScramVerifier made = ScramVerifier.Create(ScramHash.Sha256, password.Get, salt, 1 + (seed.Get % 20));
            Assert.True(ScramVerifier.TryParse(ScramHash.Sha256, made.ToString(), out ScramVerifier? read));
            Assert.Equal(made.ToString(), read.ToString());
            Assert.True(read.Verify(password.Get));
            Assert.False(read.Verify(password.Get + "x"));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("I\u00ADX", "IX")] // RFC 4013 §3, example 1
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u0627\u0628", "\u0627\u0628")]
    public void Strings_are_prepared(string text, string expected)
    {
        Assert.True(SaslPrep.TryPrepare(text, out string? prepared));
        Assert.Equal(expected, prepared);
    }

    [Theory]
    [InlineData("\u0007")] // RFC 4013 §3, example 6
    [InlineData("\u0627\u0031")] // example 7: starts right-to-left, ends otherwise
    [InlineData("a\u0627")]
    [InlineData("\u0627a\u0628")]
    [InlineData("a\u007F")]
    [InlineData("\uE000")]
    [InlineData("\uFFFE")]
    [InlineData("\u202E")]
    public void Prohibited_strings_are_not_prepared(string text) => Assert.False(SaslPrep.TryPrepare(text, out _));

    [Fact]
    public void Half_of_a_surrogate_pair_is_not_prepared() => Assert.False(SaslPrep.TryPrepare("a\uD800", out _));

    [Fact]
    public void Nul_is_in_no_password()
    {
        string stored = PasswordHash.Create("secret");
        Assert.False(PasswordHash.Verify(stored, "secret\0")); // the same HMAC key as "secret"
        Assert.Throws<ArgumentException>(() => PasswordHash.Create("secret\0"));
        Assert.Throws<ArgumentException>(() => PasswordHash.Create(""));
    }

    [Fact]
    public void Passwords_that_look_alike_are_alike()
    {
        string stored = PasswordHash.Create("cafe\u0301\u00A0\u2168");
        Assert.True(PasswordHash.Verify(stored, "caf\u00E9 IX"));
        Assert.False(PasswordHash.Verify(stored, "cafe IX"));
        Assert.True(PasswordHash.Verify(PasswordHash.Create("bell\u0007"), "bell\u0007"), "kept as it is where it cannot be prepared");
    }
}
