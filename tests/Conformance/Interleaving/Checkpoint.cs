using System.Collections.Immutable;
using FullStack.Harness.Clients;

namespace FullStack.Conformance.Interleaving;

/// <summary>What a client kept of a mailbox when it went away.</summary>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="HighestModSeq">The HIGHESTMODSEQ that it worked out.</param>
/// <param name="Messages">The messages that it knew, with their flags.</param>
/// <param name="HeardVanished">It had enabled QRESYNC, so that the mod-sequence holds for expunged messages too.</param>
internal sealed record Checkpoint(MailboxTruth Mailbox, ulong HighestModSeq, SortedDictionary<uint, ImmutableSortedSet<string>> Messages, bool HeardVanished)
{
    /// <summary>What a session knows now; null where it does not know enough to come back with it.</summary>
    public static Checkpoint? Of(ModelSession session)
    {
        if (session is not { Idling: null, Picture: { HighestModSeq: > 0, IsComplete: true } picture })
            return null;
        SortedDictionary<uint, ImmutableSortedSet<string>> messages = [];
        foreach (KnownMessage message in picture.Messages)
            messages.Add(message.Uid!.Value, message.Flags!);
        return new(picture.Mailbox, picture.HighestModSeq, messages, session.IsQResyncEnabled);
    }

    /// <summary>Comes back, and has to end with the truth: no message too many, none missing, each with its flags (RFC 7162 §3.2.5, §3.2.6).</summary>
    /// <param name="returning">A connection with QRESYNC enabled and no mailbox selected.</param>
    public async Task ResyncAsync(Onlooker returning, Random random, CancellationToken ct)
    {
        int kind = HeardVanished ? random.Next(4) : 4;
        string known = NumberSetText.Of(Messages.Keys);
        string parameter = $"{Mailbox.UidValidity} {HighestModSeq}{(kind is 1 or 2 && Messages.Count > 0 ? $" {known}" : "")}{(kind == 2 && Messages.Count > 0 ? $" (1:{Messages.Count} {known})" : "")}";
        string[] commands = kind switch
        {
            <= 2 => [$"EXAMINE {Mailbox.Name} (QRESYNC ({parameter}))", "UNSELECT"],
            3 => [$"EXAMINE {Mailbox.Name}", $"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {HighestModSeq} VANISHED)", "UNSELECT"],
            _ => [$"EXAMINE {Mailbox.Name}", $"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {HighestModSeq})", "UNSELECT"],
        };
        SortedDictionary<uint, ImmutableSortedSet<string>> messages = new(Messages);
        List<ImapResponse> told = await returning.SayAsync(commands, ct);
        foreach (ImapResponse response in told)
        {
            if (response.Name == "VANISHED")
            {
                ModelBreach.Unless(response.Values.Count == 2, "VANISHED without EARLIER in a resynchronisation");
                foreach (uint uid in NumberSetText.Parse((string)response.Values[1]!))
                    messages.Remove(uid);
            }
            else if (response.Name == "FETCH")
            {
                messages[uint.Parse((string)response.Items["UID"]!)] = Flags.From(response.Items["FLAGS"]).Flags;
            }
        }

        bool onlyKnown = kind is 1 or 2 && Messages.Count > 0;
        Dictionary<uint, ImmutableSortedSet<string>> truth = Mailbox.Messages
            .Where(message => !onlyKnown || Messages.ContainsKey(message.Key)).ToDictionary(static message => message.Key, static message => message.Value.Flags);
        string how = $"after {commands[^2]} from [{string.Join(' ', Messages.Select(static m => m.Key + Flags.Text(m.Value)))}], told {string.Join(" | ", told.Select(static r => r.Raw))}";
        foreach ((uint uid, ImmutableSortedSet<string> flags) in truth)
            ModelBreach.Unless(messages.TryGetValue(uid, out ImmutableSortedSet<string>? resynced) && resynced.SetEquals(flags), $"{uid} with {Flags.Text(flags)} was missed {how}");
        foreach (uint uid in messages.Keys)
            ModelBreach.Unless(!HeardVanished || truth.ContainsKey(uid), $"{uid} is gone, which was missed {how}");
    }
}
