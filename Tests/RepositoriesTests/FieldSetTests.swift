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
        #expect(
            reading.contains(#""name": {"examples": ["name"], "maxLength": 200, "minLength": 1, "type": "string"}"#))
        #expect(
            reading.contains(
                #""id": {"examples": [1], "format": "int64", "maximum": 9223372036854775807, "#
                    + #""minimum": -9223372036854775808, "readOnly": true, "type": "integer"}"#))
        #expect(reading.contains(#""additionalProperties": false"#))
        #expect(!reading.contains("folded_name"))
        let writing = KeyWriter.text { $0.write(Places.all.schema(for: .writing)) }
        #expect(writing.contains(#""required": ["name", "country"]"#))
        #expect(
            writing.contains(
                #""area": {"examples": [1.5], "format": "double", "maximum": 1000000000.0, "minimum": 0.0, "#
                    + #""type": ["number", "null"]}"#))
        #expect(writing.contains(#""default": true"#))
        #expect(writing.contains(#""id": {"readOnly": true}"#))
        let supplied = KeyWriter.text { $0.write(Places.all.schema(for: .writing, supplied: ["country"])) }
        #expect(supplied.contains(#""country": {"readOnly": true}"#) && supplied.contains(#""required": ["name"]"#))
        let names = KeyWriter.text { $0.write(Places.all.schema(for: .reading, names: ["name"])) }
        #expect(names.contains(#""required": ["name"]"#) && !names.contains("country"))
        #expect(!KeyWriter.text { $0.write(Places.all.schema(for: .partialWriting)) }.contains("required"))
    }

    @Test func `Filters are described with their values`() {
        let parameters = KeyWriter.text { $0.write(Places.all.filterParameters) }
        #expect(
            parameters.contains(
                #""in": "query", "name": "population__lt", "schema": {"examples": [0], "format": "int64""#))
        #expect(parameters.contains(#""explode": false, "in": "query", "name": "country__in""#))
        #expect(!parameters.contains("country__isnull"))
    }

    @Test(
        arguments: [
            (Field.integer("count", 5...9).description, RowValue.integer(5)), (Field.integer("count").description, 1),
            (Field.number("size", 0...1).description, 1.0), (Field.boolean("is_new").description, true),
            (Field.text("country_code", 2...2).description, "co"), (Field.text("code", 8...10).description, "code cod"),
            (Field.text("code", 0...0).description, ""), (Field.text("kind").oneOf(["b", "a"]).description, "b"),
            (Field.integer("count").default(3).description, 3), (Field.text("name").example("Ada").description, "Ada"),
            (Field.text("name").optional().description, "name"),
        ] as [(FieldDescription, RowValue)]) func `Examples are values of the field`(
            field: FieldDescription, value: RowValue
        )
    {
        #expect(field.exampleValue == value)
        #expect(field.problem(with: field.exampleValue) == nil)
    }

    @Test func `An example that the field does not allow is a mistake`() {
        let fields = [Field.integer("id").key().description, Field.text("code", 2...2).example("abc").description]
        #expect(FieldSet.mistake(table: "places", fields: fields)?.contains("the example is invalid") == true)
    }
}
