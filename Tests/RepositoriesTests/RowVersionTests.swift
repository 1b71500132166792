import NIOCore
import Repositories
import Testing

@Suite struct RowVersionTests {
    private static let fields = FieldSet(
        "items", Field.integer("id").key(writtenByClients: true), Field.text("name").optional())

    private func csv(_ text: String, readsVersions: Bool = true) throws -> CSVRowReader.Reading {
        var options = CSVRowReader.Options(isPartial: true)
        options.readsKey = true
        options.readsVersions = readsVersions
        options.nullText = "\\N"
        options.removesFormulaGuards = true
        var reader = CSVRowReader(Self.fields, options: options)
        #expect(try reader.read(ByteBuffer(string: text)).isEmpty)
        return try #require(try reader.finish())
    }

    private func json(_ text: String, readsVersions: Bool = true) -> RowJSONReader {
        var options = RowJSONReader.Options(isPartial: true)
        options.readsKey = true
        options.readsVersions = readsVersions
        options.reportsUnknownMembers = readsVersions
        return RowJSONReader(Self.fields, options: options)
    }

    @Test(arguments: ["_version,id", "_Version,id", " _VERSION ;id"])
    func `A column of CSV has the versions`(header: String) throws {
        let rows = "7,1\n,2\n-1,3\n\\N,4\n\"8\",5\n".replacing(",", with: header.contains(";") ? ";" : ",")
        let reading = try csv("\(header)\n\(rows)")
        #expect(reading.failures.isEmpty)
        #expect(reading.versions == [7, nil, -1, nil, 8])
        #expect(reading.rows.columns == ["id"])
    }

    @Test func `Invalid versions in CSV are problems of their rows`() throws {
        let reading = try csv("id,_version,name\n1,x,A\n2,3,B\n3,1.5,C\n4,\"\",D\n5,99999999999999999999,E\n")
        #expect(reading.versions == [3])
        #expect(reading.indexes == [1])
        #expect(reading.failures.flatMap(\.problems).map(\.field) == ["_version", "_version", "_version", "_version"])
        #expect(reading.failures.flatMap(\.problems).map(\.column) == [3, 3, 3, 3])
    }

    @Test func `Files without versions have none for each row`() throws {
        #expect(try csv("id\n1\n2\n").versions == [nil, nil])
        #expect(try csv("id,_version\n1,2\n", readsVersions: false).versions.isEmpty)
    }

    @Test func `Two columns of versions are an error`() {
        #expect(throws: CSVError.self) { try csv("id,_version,_Version\n1,2,3\n") }
    }

    @Test func `A member of JSON has the version`() throws {
        let text =
            #"[{"_version": 7, "id": 1}, {"id": 2}, {"id": 3, "_version": null, "name": "A"}, {"id": 4, "_version": 8.0}]"#
        let reading = try json(text).readArray(ByteBuffer(string: text))
        #expect(reading.problems.isEmpty)
        #expect(reading.versions == [7, nil, nil, 8])
        #expect(reading.rows.columns == ["id", "name"])
        let object = try json("").readVersionedObject(ByteBuffer(string: #"{"name": "A", "id": 1, "_version": 5}"#))
        #expect(object.version == 5)
        #expect(object.row.columns == ["id", "name"])
    }

    @Test(arguments: [#""7""#, "1.5", "true", "[]", "1, \"_version\": 1"])
    func `Invalid versions in JSON are problems of their rows`(version: String) throws {
        let text = #"[{"id": 1, "_version": \#(version)}, {"id": 2, "_version": 3}]"#
        let reading = try json(text).readArray(ByteBuffer(string: text))
        #expect(reading.versions == [3])
        #expect(reading.problems.map(\.index) == [0])
        #expect(reading.problems.first?.errors["_version"].count == 1)
    }

    @Test func `JSON without the option has no versions`() throws {
        let text = #"[{"id": 1, "_version": 7}]"#
        let reading = try json(text, readsVersions: false).readArray(ByteBuffer(string: text))
        #expect(reading.versions.isEmpty)
        #expect(reading.rows.rowCount == 1)
    }
}
