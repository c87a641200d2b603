namespace FullStack.Server.Doctor;

/// <summary>One thing that is looked at. Each is a record in a file of its own, and gets all it looks at from outside.</summary>
internal interface IDoctorCheck
{
    /// <summary>Its name, which its findings begin with.</summary>
    string Name { get; }

    /// <summary>All that it may find besides that all is well, or that it could not look.</summary>
    IReadOnlyList<FindingKind> Kinds { get; }

    /// <summary>Looks. What it finds has evidence; where there is none, it says that it could not look.</summary>
    /// <param name="ct">Its time is up.</param>
    Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct);
}
