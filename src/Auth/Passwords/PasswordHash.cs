namespace FullStack.Auth.Passwords;

/// <summary>Stored forms of passwords: <c>{SCRAM-SHA-256}iterations,salt,StoredKey,ServerKey</c> for our own, others as imported.</summary>
public static class PasswordHash
{
    /// <summary>Makes a SCRAM-SHA-256 verifier (RFC 5802 §3, RFC 7677) with a fresh salt. The password is prepared by SASLprep.</summary>
    public static string Create(string password) => throw new NotImplementedException();

    /// <summary>Checks a password against a stored form, in constant time with regard to the outcome.</summary>
    public static bool Verify(string stored, string password) => throw new NotImplementedException();

    /// <summary>Whether <see cref="Verify"/> knows the form: SCRAM-SHA-256, {CRYPT} and what the system's crypt takes, {PLAIN}, {SHA}, {SSHA} and the SHA-2 ones.</summary>
    public static bool IsSupported(string stored) => throw new NotImplementedException();
}
