using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FullStack.Imap.Fetch;

/// <summary>The names in a header-list: whether one of thousands is among them is known as soon as with a few.</summary>
/// <remarks>RFC 3501 §6.4.5: "The field-matching is case-insensitive but otherwise exact". A name of other octets than ASCII is no field's.</remarks>
internal sealed class FieldNameSet
{
    /// <summary>So many are compared one by one, which is faster.</summary>
    private const int Few = 8;

    private readonly IReadOnlyList<byte[]> _names;
    private readonly HashSet<byte[]>? _many;

    public FieldNameSet(IReadOnlyList<byte[]> names)
    {
        _names = names;
        _many = names.Count > Few ? new(names, new IgnoringCase()) : null;
        foreach (byte[] name in names)
            Longest = Math.Max(Longest, name.Length);
    }

    /// <summary>Octets of the longest name.</summary>
    public int Longest { get; }

    public bool Contains(ReadOnlySpan<byte> name)
    {
        if (_many is not null)
            return _many.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(name);
        foreach (byte[] wanted in _names)
        {
            if (Ascii.EqualsIgnoreCase(name, wanted))
                return true;
        }

        return false;
    }

    /// <summary>Hashes are seeded anew in each process, so that nobody can choose names that collide.</summary>
    private sealed class IgnoringCase : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => Ascii.EqualsIgnoreCase(x, y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => Ascii.EqualsIgnoreCase(alternate, other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            foreach (byte octet in alternate)
                hash.Add((byte)(octet is >= (byte)'A' and <= (byte)'Z' ? octet | 0x20 : octet));
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
