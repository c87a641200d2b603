using System.Diagnostics;

namespace FullStack.Harness;

/// <summary>A script that a test writes and has the server run.</summary>
public static class ProgramFile
{
    /// <summary>Writes an executable file, which this process never has open to be written.</summary>
    /// <remarks>A program that another test starts in that moment would inherit the handle, and the system runs no file that somebody has open to write ("Text file busy").</remarks>
    public static void Write(string path, string text)
    {
        string source = path + ".text";
        File.WriteAllText(source, text);
        using Process copying = Process.Start("install", ["-m", "500", source, path]);
        copying.WaitForExit();
        if (copying.ExitCode != 0)
            throw new IOException($"{path} could not be written: install ended with {copying.ExitCode}");
    }
}
