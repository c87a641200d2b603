using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Remembers how far some sections of the selected mailbox were read, so that the next piece need not be searched from the start.</summary>
/// <remarks>
/// Clients download large parts piece by piece (<c>BODY[2]&lt;65536.65536&gt;</c>), by octets on the wire, while a file's octets are
/// counted as stored: only reading tells where a piece begins. Messages never change, and a file that another program put in
/// the place of one differs in its length, if not, it is damaged in any case: a place can be wrong, but never outside the section.
/// </remarks>
internal sealed class SectionPlaces
{
    /// <summary>Sections remembered: as many as a client would download side by side in one mailbox.</summary>
    private const int Capacity = 8;

    /// <summary>By last use, the latest first.</summary>
    private readonly List<(SectionId Section, WirePlace Place)> _places = new(Capacity);

    /// <summary>The place from which to read on to a wire offset: one that was reached before, or the section's beginning.</summary>
    public WirePlace Before(SectionId section, long wireOffset)
    {
        int at = IndexOf(section);
        return at >= 0 && _places[at].Place.WireOffset <= wireOffset ? _places[at].Place : new(section.StoredOffset, 0);
    }

    /// <summary>Remembers the place that reading reached.</summary>
    public void Reached(SectionId section, WirePlace place)
    {
        int at = IndexOf(section);
        if (at >= 0)
            _places.RemoveAt(at);
        else if (_places.Count == Capacity)
            _places.RemoveAt(Capacity - 1);
        _places.Insert(0, (section, place));
    }

    private int IndexOf(SectionId section) => _places.FindIndex(remembered => remembered.Section == section);
}

/// <summary>A section of one file.</summary>
/// <param name="Uid">The message.</param>
/// <param name="FileOctets">The length of its file.</param>
/// <param name="StoredOffset">Where the section begins in it.</param>
/// <param name="Conversion">What is made of it; null: nothing else than its octets.</param>
internal readonly record struct SectionId(Uid Uid, long FileOctets, long StoredOffset, string? Conversion = null);
