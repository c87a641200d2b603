using SQLitePCL;

namespace FullStack.Store.Index;

/// <summary>The row that a query stands at. Columns count from 0; what they hold is gone with the row.</summary>
public readonly struct IndexRow
{
    private readonly sqlite3_stmt statement;

    internal IndexRow(sqlite3_stmt statement) => this.statement = statement;

    public long GetInt64(int column) => raw.sqlite3_column_int64(statement, column);

    public string GetString(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public byte[] GetOctets(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    /// <summary>The octets where they lie, until the next row.</summary>
    public ReadOnlySpan<byte> Octets(int column) => raw.sqlite3_column_blob(statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;
}
