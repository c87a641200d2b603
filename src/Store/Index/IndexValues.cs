using SQLitePCL;

namespace FullStack.Store.Index;

/// <summary>The values of a statement that is run many times. Numbers count from 1, as in the statement.</summary>
internal readonly struct IndexValues(sqlite3_stmt statement, int[] places)
{
    public void Set(int number, long value) => Check(raw.sqlite3_bind_int64(statement, places[number - 1], value));

    public void Set(int number, string value) => Check(raw.sqlite3_bind_text(statement, places[number - 1], value));

    public void Set(int number, ReadOnlySpan<byte> value)
        => Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, places[number - 1], 0) : raw.sqlite3_bind_blob(statement, places[number - 1], value));

    private static void Check(int code) => Microsoft.Data.Sqlite.SqliteException.ThrowExceptionForRC(code, db: null);
}
