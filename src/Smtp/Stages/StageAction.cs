namespace FullStack.Smtp.Stages;

/// <summary>What a stage wants done.</summary>
public enum StageAction
{
    /// <summary>Nothing: the next stage is asked.</summary>
    Continue,

    /// <summary>No further stage is asked: about the session where it was said of the connection or the name, about the transaction where it was
    /// said of the sender, about one recipient, about this message. Who may send where is not for stages to say, and stays as it is.</summary>
    Accept,

    /// <summary>No, for good: 5xx.</summary>
    Refuse,

    /// <summary>Not now: 4xx.</summary>
    Defer,

    /// <summary>Taken, but into the Junk mailboxes of its recipients here. Further stages are asked all the same.</summary>
    Quarantine,
}
