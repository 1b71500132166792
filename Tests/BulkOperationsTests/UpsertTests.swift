import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Repositories
import Resources
import TestSupport
import Testing

@testable import BulkOperations

@Suite struct UpsertTests {
    private static let target = "/people/upsert?unique_fields=email"

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch])
    func `Items are created, updated and left as they are`(method: HTTPRequest.Method) async throws {
        let people = try BulkPeople()
        let answer = try await people.send(
            method, Self.target,
            body: """
                [{"email": "a@gmail.com", "age": 21}, {"email": "d@web.de", "name": "Dan", "age": 50},
                {"email": "c@web.de", "age": 40}]
                """)
        #expect(answer.status == 200)
        #expect(
            answer.text == """
                {"message":"Upsert completed successfully","total_items":3,"created_count":1,"updated_count":1,\
                "unchanged_count":1,"error_count":0,"created_ids":[4],"updated_ids":[1],"errors":[],\
                "unique_fields":["email"],"update_fields":["age","name"],"is_sync":true}
                """)
        #expect(answer.fields[.bulkErrors] == "0")
        #expect(try await people.rows() == ["1 21 Ann", "2 30 Bob", "3 40 Cid", "4 50 Dan"])
    }

    @Test func `One object is one item`() async throws {
        let people = try BulkPeople()
        let answer = try await people.send(.post, Self.target, body: #" {"email": "a@gmail.com", "age": 21}"#)
        #expect(answer.text.contains(#""total_items":1,"created_count":0,"updated_count":1"#))
    }

    @Test func `A failed item is reported with its data, and the others are written`() async throws {
        let people = try BulkPeople()
        let answer = try await people.send(
            .post, Self.target,
            body:
                #"[{"email": "a@gmail.com", "age": "x"}, {"age": 5}, {"email": "b@gmail.com", "age": 31}, {"email": "b@gmail.com"}]"#
        )
        #expect(answer.status == 207)
        #expect(answer.fields[.bulkErrors] == "3")
        for error in [
            #"{"index":0,"error":{"age":["A valid integer is required."]},"data":{"email": "a@gmail.com", "age": "x"}}"#,
            #"{"index":1,"error":{"email":["This field is required."]},"data":{"age": 5}}"#,
            #"{"index":3,"error":{"non_field_errors":["Item 2 has the same values in the unique fields."]}"#,
        ] {
            #expect(answer.text.contains(error), "\(answer.text)")
        }
        #expect(try await people.rows() == ["1 20 Ann", "2 31 Bob", "3 40 Cid"])
        let original = try BulkPeople(nil) { $0 = .drf }
        let same = try await original.send(.post, Self.target, body: #"[{"email": "a@gmail.com", "age": "x"}]"#)
        #expect(same.status == 200)
        #expect(same.fields[.bulkErrors] == "1")
    }

    @Test(arguments: ["atomic", "Prefer"])
    func `A strict upsert writes all items or none`(form: String) async throws {
        let people = try BulkPeople()
        let target = Self.target + (form == "atomic" ? "&atomic=true" : "")
        let fields: HTTPFields = form == "atomic" ? [:] : [.prefer: "handling=strict"]
        for bad in [#"{"email": "b@gmail.com", "age": "x"}"#, #"{"age": 5}"#] {
            let answer = try await people.send(
                .post, target, fields, body: #"[{"email": "a@gmail.com", "age": 21}, \#(bad)]"#)
            #expect(answer.status == 400)
            #expect(answer.fields[.bulkErrors] == "1")
        }
        #expect(try await people.rows() == ["1 20 Ann", "2 30 Bob", "3 40 Cid"])
        let good = try await people.send(.post, target, fields, body: #"[{"email": "a@gmail.com", "age": 21}]"#)
        #expect(good.status == 200)
    }

    @Test func `Only the named fields of existing rows are updated`() async throws {
        let people = try BulkPeople()
        let answer = try await people.send(
            .post, Self.target + "&update_fields=age",
            body: #"[{"email": "a@gmail.com", "age": 21, "name": "X"}, {"email": "d@web.de", "age": 1, "name": "Dan"}]"#
        )
        #expect(answer.status == 200)
        #expect(try await people.rows() == ["1 21 Ann", "2 30 Bob", "3 40 Cid", "4 1 Dan"])
    }

    @Test(arguments: [
        ("/people/upsert", "[]", #"{"unique_fields":["This field is required."]}"#),
        ("/people/upsert?unique_fields=name", "[]", #"{"unique_fields":["The fields do not identify a row"#),
        ("/people/upsert?unique_fields=email&update_fields=joined", #"[{"email": "a@b"}]"#, #"{"update_fields":["#),
        ("/people/upsert?unique_fields=email&x=1", "[]", #"{"x":["Unknown parameter."]}"#),
        (target, "[]", #"{"detail":"Empty data list provided"}"#),
        (target, "5", #"{"non_field_errors":["Expected a list"#),
        (target, #"[{"email":"#, #"{"detail":"JSON parse error - Unexpected end"#),
    ])
    func `Invalid requests change nothing`(target: String, body: String, answer: String) async throws {
        let people = try BulkPeople()
        let response = try await people.send(.post, target, body: body)
        #expect(response.status == 400)
        #expect(response.text.hasPrefix(answer), "\(response.text)")
    }

    @Test func `More items than the maximum are refused`() async throws {
        let people = try BulkPeople()
        let items = (0..<51).map { #"{"email": "\#($0)@x"}"# }.joined(separator: ",")
        let refused = try await people.send(.post, Self.target, body: "[\(items)]")
        #expect(refused.status == 400)
        #expect(
            refused.text == #"""
                {"detail":"Too many items for synchronous processing. The maximum is 50.","provided_items":51,\#
                "max_sync_items":50,"error":"Too many items for synchronous processing. The maximum is 50."}
                """#)
        #expect(try await people.rows().count == 3)
    }

    @Test func `The rule decides on created and on updated rows`() async throws {
        let people = try BulkPeople { exchange, action in
            if action.isReading { return .all }
            return exchange.userID == nil ? .refused : .rows(PersonFields.team == "a")
        }
        let body = """
            [{"email": "a@gmail.com", "age": 21}, {"email": "c@web.de", "age": 41}, {"email": "d@web.de", "team": "b"},
            {"email": "e@web.de"}, {"email": "b@gmail.com", "team": "b"}]
            """
        #expect(try await people.send(.post, Self.target, body: body).status == 401)
        let answer = try await people.send(.post, Self.target, body: body, as: "anna")
        #expect(answer.status == 207)
        #expect(answer.text.contains(#""created_count":1,"updated_count":1,"unchanged_count":0,"error_count":3"#))
        #expect(try await people.rows() == ["1 21 Ann", "2 30 Bob", "3 40 Cid", "4 0 "])
    }
}
