namespace FullStack.Harness;

/// <summary>The checked-out sources, for tests that read them: transcripts, project files, documentation.</summary>
public static class SourceTree
{
    /// <summary>The folder with FullStack.sln, found upwards from the test's assembly.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FullStack.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"no FullStack.sln above {AppContext.BaseDirectory}");
    }
}
