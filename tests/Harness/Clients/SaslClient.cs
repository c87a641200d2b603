using System.Security.Cryptography;
using System.Text;

namespace FullStack.Harness.Clients;

/// <summary>The client's side of the mechanisms whose answers depend on what the server says.</summary>
/// <param name="mechanism">A SCRAM mechanism, or CRAM-MD5.</param>
/// <param name="identity">What it calls itself.</param>
/// <param name="password">The password.</param>
/// <param name="binding">gs2-cbind-flag: <c>n</c>, <c>y</c> or <c>p=type</c>.</param>
/// <param name="bindingData">What the client takes for the channel's data.</param>
public sealed class SaslClient(string mechanism, string identity, string password, string binding, byte[] bindingData)
{
    private readonly HashAlgorithmName _hash = mechanism.Replace("-PLUS", "", StringComparison.Ordinal) switch
    {
        "SCRAM-SHA-1" => HashAlgorithmName.SHA1,
        "SCRAM-SHA-512" => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    };

    private string _bare = "";
    private byte[] _serverSignature = [];
    private int _step;

    /// <summary>Whether the client speaks first.</summary>
    public bool ClientFirst => mechanism != "CRAM-MD5";

    /// <summary>The answer to a challenge.</summary>
    /// <exception cref="InvalidDataException">The server's message is not what it should be.</exception>
    public byte[] Answer(byte[] challenge) => mechanism == "CRAM-MD5"
        ? Encoding.UTF8.GetBytes($"{identity} {Convert.ToHexStringLower(Md5(password, challenge))}")
        : ++_step switch
        {
            1 => First(challenge),
            2 => Final(Encoding.UTF8.GetString(challenge)),
            _ => Verify(Encoding.UTF8.GetString(challenge)),
        };

    private byte[] First(byte[] challenge)
    {
        if (challenge.Length > 0)
            throw new InvalidDataException("before the client's first message the server has nothing to say");
        _bare = $"n={identity.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r=rOprNGfwEbeRWgbNEkqO";
        return Encoding.UTF8.GetBytes($"{binding},,{_bare}");
    }

    private byte[] Final(string serverFirst)
    {
        string[] parts = serverFirst.Split(',');
        if (parts.Length != 3 || !parts[0].StartsWith("r=rOprNGfwEbeRWgbNEkqO", StringComparison.Ordinal))
            throw new InvalidDataException(serverFirst);
        byte[] salt = Convert.FromBase64String(parts[1][2..]);
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, int.Parse(parts[2].AsSpan(2)), _hash, CryptographicOperations.HashData(_hash, []).Length);
        string header = Convert.ToBase64String([.. Encoding.UTF8.GetBytes(binding + ",,"), .. bindingData]);
        string withoutProof = $"c={header},{parts[0]}";
        byte[] message = Encoding.UTF8.GetBytes($"{_bare},{serverFirst},{withoutProof}");
        byte[] clientKey = CryptographicOperations.HmacData(_hash, salted, "Client Key"u8);
        byte[] signature = CryptographicOperations.HmacData(_hash, CryptographicOperations.HashData(_hash, clientKey), message);
        for (int i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= signature[i];
        _serverSignature = CryptographicOperations.HmacData(_hash, CryptographicOperations.HmacData(_hash, salted, "Server Key"u8), message);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(clientKey)}");
    }

    private byte[] Verify(string serverFinal)
        => serverFinal == "v=" + Convert.ToBase64String(_serverSignature) ? [] : throw new InvalidDataException($"the server does not know the password: {serverFinal}");

    private static byte[] Md5(string key, byte[] text)
    {
#pragma warning disable CA5351 // what CRAM-MD5 is made of
        return HMACMD5.HashData(Encoding.UTF8.GetBytes(key), text);
#pragma warning restore CA5351
    }
}
