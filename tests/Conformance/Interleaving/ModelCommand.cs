using FullStack.Harness.Clients;

namespace FullStack.Conformance.Interleaving;

/// <summary>How a command ended.</summary>
/// <param name="Tagged">The tagged response.</param>
/// <param name="Untagged">The untagged responses since the command before.</param>
internal sealed record Answer(ImapResponse Tagged, IReadOnlyList<ImapResponse> Untagged)
{
    public bool IsOk => Tagged.Name == "OK";
}

/// <summary>A command, and what the model knows of it.</summary>
/// <param name="Text">The command without its tag; literals inline.</param>
/// <param name="MayExpunge">Message numbers may change during it (RFC 3501 §7.4.1).</param>
internal sealed record ModelCommand(string Text, bool MayExpunge)
{
    public string Tag { get; set; } = "";

    public List<ImapResponse> Untagged { get; } = [];

    /// <summary>It names messages by number.</summary>
    public bool UsesNumbers { get; init; }

    /// <summary>The client asked for FLAGS, so that they may come without UID and MODSEQ.</summary>
    public bool AsksForFlags { get; init; }

    public bool EnablesCondStore { get; init; }
    public bool EnablesQResync { get; init; }

    /// <summary>It was the one that enabled CONDSTORE.</summary>
    public bool EnabledCondStore { get; set; }

    /// <summary>The picture that a SELECT starts; null for other commands.</summary>
    public SessionPicture? Opening { get; init; }

    /// <summary>Called when the command's turn comes: what it is about is what the client knows then.</summary>
    public Action? Begin { get; init; }

    /// <summary>What the client concludes from the answer, whatever else goes on.</summary>
    public Action<Answer>? Settle { get; init; }

    /// <summary>What the answer does to the truth, and has to say about it, where nothing else went on meanwhile.</summary>
    public Action<Answer>? Check { get; init; }

    /// <summary>The command tells everything that happened until now.</summary>
    public bool TellsAll { get; init; }
}
