namespace FullStack.Smtp;

/// <summary>An enhanced mail system status code: class, subject, detail.</summary>
/// <remarks>RFC 3463 §2; registry RFC 5248.</remarks>
/// <param name="Class">2 success, 4 persistent transient failure, 5 permanent failure.</param>
/// <param name="Subject">What it is about: 1 addressing, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 security.</param>
/// <param name="Detail">Which case of it, 0 to 999.</param>
public readonly record struct EnhancedStatus(int Class, int Subject, int Detail)
{
    public override string ToString() => $"{Class}.{Subject}.{Detail}";
}
