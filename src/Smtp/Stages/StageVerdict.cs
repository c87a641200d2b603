namespace FullStack.Smtp.Stages;

/// <summary>What a stage says at one point, and why.</summary>
public sealed class StageVerdict
{
    private StageVerdict(StageAction action, string reason, DeliveryStatus? reply = null)
        => (Action, Reason, Reply) = (action, reason, reply);

    /// <summary>Nothing to say.</summary>
    public static StageVerdict Continue { get; } = new(StageAction.Continue, "");

    public StageAction Action { get; }

    /// <summary>Why, for the log. What the client hears is in <see cref="Reply"/>.</summary>
    public string Reason { get; }

    /// <summary>What the client hears; null where it is neither refused nor deferred.</summary>
    public DeliveryStatus? Reply { get; }

    /// <summary>Fields to be put above the message, or above each message that follows; the first one uppermost. Unused where the message is not taken.</summary>
    /// <remarks>Of messages larger than <see cref="SmtpOptions.HeldOctets"/> those that are added at the end come too late: the message's beginning
    /// is on the disk by then.</remarks>
    public IReadOnlyList<AddedField> Fields { get; private init; } = [];

    public static StageVerdict Accept(string reason) => new(StageAction.Accept, reason);

    /// <exception cref="ArgumentException">The reply is no permanent failure.</exception>
    public static StageVerdict Refuse(DeliveryStatus reply, string reason)
        => reply.IsPermanent ? new(StageAction.Refuse, reason, reply) : throw new ArgumentException("not a 5xx reply", nameof(reply));

    /// <exception cref="ArgumentException">The reply is no temporary failure.</exception>
    public static StageVerdict Defer(DeliveryStatus reply, string reason)
        => reply.IsTemporary ? new(StageAction.Defer, reason, reply) : throw new ArgumentException("not a 4xx reply", nameof(reply));

    public static StageVerdict Quarantine(string reason) => new(StageAction.Quarantine, reason);

    /// <summary>Goes on, with a field.</summary>
    public static StageVerdict Add(AddedField field, string reason) => new(StageAction.Continue, reason) { Fields = [field] };

    /// <summary>The same with further fields.</summary>
    public StageVerdict With(params IReadOnlyList<AddedField> fields) => new(Action, Reason, Reply) { Fields = [.. Fields, .. fields] };
}
