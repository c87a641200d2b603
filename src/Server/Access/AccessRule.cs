using FullStack.Smtp.Stages;

namespace FullStack.Server.Access;

/// <summary>One line of the access file.</summary>
/// <param name="Line">Where it stands, from 1.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Pattern">What it matches.</param>
/// <param name="Verdict">What then happens.</param>
internal sealed record AccessRule(int Line, AccessSubject Subject, AccessPattern Pattern, StageVerdict Verdict);
