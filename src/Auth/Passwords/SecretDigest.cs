using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>Digests of passwords that are remembered in memory: useless without a random key that nobody but this object has.</summary>
internal sealed class SecretDigest
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>The digest of texts, each kept apart from the next by its length.</summary>
    public byte[] Of(params ReadOnlySpan<string> texts)
    {
        int octets = 0;
        foreach (string text in texts)
            octets += sizeof(int) + Encoding.UTF8.GetByteCount(text);
        byte[] all = new byte[octets];
        int at = 0;
        foreach (string text in texts)
        {
            int length = Encoding.UTF8.GetBytes(text, all.AsSpan(at + sizeof(int)));
            BinaryPrimitives.WriteInt32LittleEndian(all.AsSpan(at), length);
            at += sizeof(int) + length;
        }

        byte[] digest = HMACSHA256.HashData(_key, all);
        CryptographicOperations.ZeroMemory(all);
        return digest;
    }
}
