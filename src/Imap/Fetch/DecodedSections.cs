using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>How long a section is without its transfer encoding, and whether it has to be sent as binary.</summary>
/// <param name="Octets">Its length.</param>
/// <param name="HasNul">Whether NUL is among them, so that only a literal8 can hold them.</param>
internal readonly record struct DecodedLength(long Octets, bool HasNul);

/// <summary>A section that is being decoded, and how far it is.</summary>
internal sealed class OpenSection(SectionId id, MessageContent content, Stream octets) : IDisposable
{
    public SectionId Id => id;
    public Stream Octets => octets;

    /// <summary>Decoded octets read so far.</summary>
    public long Position { get; set; }

    public void Dispose()
    {
        octets.Dispose();
        content.Dispose();
    }
}

/// <summary>Remembers the lengths of decoded sections, and where the decoding of one stopped, for clients that fetch piece by piece.</summary>
/// <remarks>Without it each piece would be found by decoding from the start: for a large part that is quadratic.</remarks>
internal sealed class DecodedSections : IDisposable
{
    /// <summary>Lengths remembered.</summary>
    private const int Capacity = 8;

    private readonly List<(SectionId Section, DecodedLength Length)> _lengths = new(Capacity);
    private OpenSection? _open;

    public DecodedLength? LengthOf(SectionId section)
        => _lengths.FindIndex(known => known.Section == section) is var at and >= 0 ? _lengths[at].Length : null;

    public void Remember(SectionId section, DecodedLength length)
    {
        if (_lengths.Count == Capacity)
            _lengths.RemoveAt(0);
        _lengths.Add((section, length));
    }

    /// <summary>Takes the section whose decoding stopped at or before an offset; null where it is another one. Whoever takes it gives it back or disposes of it.</summary>
    public OpenSection? Take(SectionId section, long offset)
    {
        if (_open is not { } open || open.Id != section || open.Position > offset)
            return null;
        _open = null;
        return open;
    }

    /// <summary>Keeps a section open for the next piece, in the place of the one before.</summary>
    public void Keep(OpenSection section)
    {
        _open?.Dispose();
        _open = section;
    }

    public void Dispose()
    {
        _open?.Dispose();
        _open = null;
    }
}
