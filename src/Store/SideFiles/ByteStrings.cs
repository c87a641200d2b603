namespace FullStack.Store.SideFiles;

/// <summary>Compares octets as they are.</summary>
internal sealed class ByteStrings : IEqualityComparer<byte[]>
{
    public static ByteStrings Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj)
    {
        HashCode hash = default;
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
