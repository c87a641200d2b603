namespace FullStack.Smtp.Stages;

/// <summary>A filter that mail passes on its way in. One object serves all sessions; what it knows of one is in an <see cref="ISmtpStageSession"/>.</summary>
public interface ISmtpStage
{
    /// <summary>What log lines call it: one word.</summary>
    string Name { get; }

    /// <summary>Begins to look at a session, before the greeting.</summary>
    /// <param name="peer">What is known of the client by now: address and role.</param>
    /// <returns>The stage's part in the session; null where clients of this kind are none of its business.</returns>
    ISmtpStageSession? Begin(SmtpPeer peer);
}
