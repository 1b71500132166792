import KeyConstructor
import Testing

@testable import Repositories

@Suite struct FieldSetTests {
    @Test(
        arguments: [
            ([Field.text("a")], "no field is the key"),
            ([Field.integer("a").key(), Field.integer("b").key()], #"the fields "a" and "b" are both the key"#),
            ([Field.integer("a").key(), Field.text("a")], #"two fields are named "a""#),
            ([Field.integer("a").key(), Field.text("b").column("A")], #"two fields have the column "A""#),
            ([Field.integer("a b").key()], #"field "a b": the name is not an identifier"#),
            ([Field.integer("a").key(), Field.text("b\"")], #"field "b"": the name is not an identifier"#),
            ([Field.integer("a").key(), Field.text("b__c")], #"field "b__c": the name has two underscores in a row"#),
            ([Field.integer("a").key().optional()], #"field "a": the key is optional"#),
            ([Field.number("a").key()], #"field "a": the key is neither an integer nor a text"#),
            (
                [Field.integer("a").key(), Field.integer("b", 1...2).default(3)],
                #"field "b": the default is invalid: Ensure this value is less than or equal to 2."#
            ),
            (
                [Field.integer("a").key(), Field.text("b").computed(from: Field.text("c")) { $0 }],
                #"field "b" is computed from the unknown field "c""#
            ),
            (
                [
                    Field.integer("a").key(), Field.text("c").optional(),
                    Field.text("b").computed(from: Field.text("c")) { $0 },
                ],
                #"field "b" is not optional, but computed from the optional field "c""#
            ),
            (
                [Field.integer("a").key(), Field.integer("v").version(), Field.integer("w").version()],
                #"the fields "v" and "w" are both the version"#
            ),
        ] as [([any FieldDeclaration], String)])
    func `A mistake is named with its set and field`(fields: [any FieldDeclaration], message: String) {
        #expect(
            FieldSet.mistake(table: "places", fields: fields.map(\.description)) == #"FieldSet "places": "# + message)
    }

    @Test func `A mistake stops the program`() async {
        await #expect(processExitsWith: .failure) { _ = FieldSet("places", Field.text("name")) }
        await #expect(processExitsWith: .failure) { _ = Places.all.unique("nome") }
    }

    @Test func `Sets without mistakes have none`() {
        #expect(FieldSet.mistake(table: "places", fields: Places.all.fields) == nil)
        #expect(FieldSet.mistake(table: "pl\"aces", fields: Places.all.fields) != nil)
        #expect(
            Places.all.visible.map(\.name) == ["id", "name", "country", "population", "area", "is_active", "version"])
    }

    @Test func `Schemas describe what is read and written`() {
        let reading = KeyWriter.text { $0.write(Places.all.schema(for: .reading)) }
        #expect(reading.contains(#""name": {"maxLength": 200, "minLength": 1, "type": "string"}"#))
        #expect(reading.contains(#""id": {"format": "int64", "readOnly": true, "type": "integer"}"#))
        #expect(!reading.contains("folded_name"))
        let writing = KeyWriter.text { $0.write(Places.all.schema(for: .writing)) }
        #expect(writing.contains(#""required": ["name", "country"]"#))
        #expect(
            writing.contains(
                #""area": {"format": "double", "maximum": 1000000000.0, "minimum": 0.0, "type": ["number", "null"]}"#))
        #expect(writing.contains(#""default": true"#))
        #expect(!writing.contains(#""id""#))
        #expect(!KeyWriter.text { $0.write(Places.all.schema(for: .partialWriting)) }.contains("required"))
        let parameters = KeyWriter.text { $0.write(Places.all.filterParameters) }
        #expect(
            parameters.contains(
                #"{"in": "query", "name": "population__lt", "schema": {"format": "int64", "type": "integer"}}"#))
        #expect(!parameters.contains("country__isnull"))
    }
}
