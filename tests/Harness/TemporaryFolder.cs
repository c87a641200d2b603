namespace FullStack.Harness;

/// <summary>A new, empty folder that is gone again after the test.</summary>
public abstract class TemporaryFolder : IDisposable
{
    protected TemporaryFolder(string role) => FullPath = Directory.CreateTempSubdirectory($"fullstack-{role}-").FullName;

    public string FullPath { get; }

    public string File(string relative) => Path.Combine(FullPath, relative);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        try
        {
            Directory.Delete(FullPath, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // A test that deletes the folder itself tests just that.
        }
    }
}

/// <summary>The data folder of one server: configuration database, mail, indexes.</summary>
public sealed class DataFolder() : TemporaryFolder("data");

/// <summary>The root folder of a mail store without a server.</summary>
public sealed class MailRoot() : TemporaryFolder("mail");

/// <summary>A folder for files that a test makes for a program: configuration, keys, mailboxes to import.</summary>
public sealed class ScratchFolder() : TemporaryFolder("scratch");
