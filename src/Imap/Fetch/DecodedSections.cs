using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>What is known of octets once they were read to their end.</summary>
/// <param name="Octets">How many they are.</param>
/// <param name="Lines">How many line ends they have.</param>
/// <param name="HasNul">Whether NUL is among them, so that only a literal8 can hold them.</param>
/// <param name="HasHighBit">Whether some are above 0x7F.</param>
internal readonly record struct DecodedLength(long Octets, long Lines, bool HasNul, bool HasHighBit)
{
    /// <summary>The same with more octets behind.</summary>
    public DecodedLength With(ReadOnlySpan<byte> more) => new(
        Octets + more.Length, Lines + more.Count((byte)'\n'), HasNul || more.Contains((byte)0), HasHighBit || more.ContainsAnyInRange((byte)0x80, (byte)0xFF));
}

/// <summary>A section that is being decoded, and how far it is.</summary>
/// <param name="id">What is decoded.</param>
/// <param name="content">The message; null where the octets do not need it.</param>
/// <param name="octets">What comes of it.</param>
internal sealed class OpenSection(SectionId id, MessageContent? content, Stream octets) : IDisposable
{
    public SectionId Id => id;
    public Stream Octets => octets;

    /// <summary>Decoded octets read so far.</summary>
    public long Position { get; set; }

    public void Dispose()
    {
        octets.Dispose();
        content?.Dispose();
    }
}

/// <summary>Remembers the lengths of decoded sections, and where the decoding of some stopped, for clients that fetch piece by piece.</summary>
/// <remarks>
/// Without it each piece would be found by decoding from the start: for a large part that is quadratic. What a conversion made is among them:
/// "Servers SHOULD be able to cache at least 2 conversions" (RFC 5259 §8.5).
/// </remarks>
internal sealed class DecodedSections : IDisposable
{
    /// <summary>Lengths remembered.</summary>
    private const int Capacity = 8;

    /// <summary>Sections kept open.</summary>
    private const int OpenCapacity = 2;

    private readonly List<(SectionId Section, DecodedLength Length)> _lengths = new(Capacity);
    private readonly List<OpenSection> _open = new(OpenCapacity);

    public DecodedLength? LengthOf(SectionId section)
        => _lengths.FindIndex(known => known.Section == section) is var at and >= 0 ? _lengths[at].Length : null;

    public void Remember(SectionId section, DecodedLength length)
    {
        if (_lengths.Count == Capacity)
            _lengths.RemoveAt(0);
        _lengths.Add((section, length));
    }

    /// <summary>Takes a section whose decoding stopped at or before an offset; null where there is none. Whoever takes it gives it back or disposes of it.</summary>
    public OpenSection? Take(SectionId section, long offset)
    {
        int at = _open.FindIndex(open => open.Id == section && open.Position <= offset);
        if (at < 0)
            return null;
        OpenSection taken = _open[at];
        _open.RemoveAt(at);
        return taken;
    }

    /// <summary>Keeps a section open for the next piece, in the place of the same one or, where there is no room, of the oldest.</summary>
    public void Keep(OpenSection section)
    {
        int place = Math.Max(_open.FindIndex(open => open.Id == section.Id), _open.Count == OpenCapacity ? 0 : -1);
        if (place >= 0)
        {
            _open[place].Dispose();
            _open.RemoveAt(place);
        }

        _open.Add(section);
    }

    public void Dispose()
    {
        foreach (OpenSection open in _open)
            open.Dispose();
        _open.Clear();
    }
}
