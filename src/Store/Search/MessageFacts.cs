using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>What is known of a message so far: its entry at once, the rest as it is needed.</summary>
/// <param name="number">Its number in the view.</param>
/// <param name="entry">Flags, size, date.</param>
/// <param name="isRecent">Whether it is recent to the view.</param>
/// <param name="texts">How many texts the search looks for.</param>
internal sealed class MessageFacts(int number, MessageEntry entry, bool isRecent, int texts)
{
    private readonly bool?[] _found = texts == 0 ? [] : new bool?[texts];

    public int Number => number;
    public MessageEntry Entry => entry;
    public bool IsRecent => isRecent;

    /// <summary>Its envelope; null as long as it was not needed.</summary>
    public MessageEnvelope? Envelope { get; set; }

    /// <summary>Whether a text is there; null as long as nobody looked, or looked to the end.</summary>
    public bool? Found(int slot) => _found[slot];

    public void SetFound(int slot, bool found) => _found[slot] = found;
}
