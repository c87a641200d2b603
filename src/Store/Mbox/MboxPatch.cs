namespace FullStack.Store.Mbox;

/// <summary>Octets to be put over others of the same number.</summary>
internal readonly record struct MboxPatch(long Offset, byte[] Octets)
{
    /// <summary>
    /// How a message's fields come to say something else without anything moving; null where that cannot be. No line end
    /// changes its place, so that a write that is torn by a power cut mixes flags and nothing else.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="flags">What its fields are to say. The UID and the O of Status are written where there is room, and else are not.</param>
    public static List<MboxPatch>? TryPlan(MboxMessage message, MboxFlags flags)
    {
        List<MboxPatch> patches = [];
        foreach (MboxField field in (MboxField[])[MboxField.Status, MboxField.XStatus, MboxField.XKeywords, MboxField.XUid])
        {
            byte[] value = flags.Value(field)!;
            MboxFieldPlace? place = message.Find(field);
            if (place is not null && place.Value.AsSpan().SequenceEqual(value) || place is null && value.Length == 0)
                continue;
            if (place is not null && value.Length <= place.ValueOctets)
                patches.Add(Fill(place, value));
            else if (field == MboxField.Status && (flags.System & Mailboxes.SystemFlags.Seen) == 0 && (place is null || !place.Value.Contains((byte)'R')))
                continue;
            else if (field != MboxField.XUid)
                return null;
        }

        return patches;
    }

    /// <summary>The value in the room of a field, which is large enough: behind a space where there is one left.</summary>
    public static MboxPatch Fill(MboxFieldPlace place, ReadOnlySpan<byte> value)
    {
        byte[] octets = new byte[place.ValueOctets];
        octets.AsSpan().Fill((byte)' ');
        value.CopyTo(octets.AsSpan(value.Length < octets.Length ? 1 : 0));
        return new(place.Offset + place.ValueOffset, octets);
    }
}
