import KeyConstructor
import Testing

/// Parameters that select nothing would give all requests one key.
@Suite struct KeyParametersTests {
    @Test func `Positions stop the program for path parameters`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = KeyConstructor.Bit.pathParameters([0])
        }
        #expect(Self.message(result).contains("PathParametersKeyBit cannot use the parameter [0]; it expects names"))
    }

    @Test func `An invalid header field name stops the program`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = KeyConstructor.Bit.headers(["x-fine", "x tenant:"])
        }
        #expect(Self.message(result).contains(#"HeadersKeyBit cannot use the parameter "x tenant:"; it expects names"#))
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.headers([""]) }
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.headers([":path"]) }
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.headers([1]) }
    }

    @Test func `An invalid cookie name stops the program`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = KeyConstructor.Bit.cookies([0])
        }
        #expect(
            Self.message(result).contains("CookiesKeyBit cannot use the parameter [0]; it expects names of cookies"))
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.cookies([""]) }
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.cookies(["a=1"]) }
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.cookies([" a"]) }
    }

    @Test func `Positions stop the program for queries and the environment`() async {
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.queryParameters([1]) }
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.requestMeta([1]) }
    }

    @Test func `Names stop the program for arguments`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = KeyConstructor.Bit.arguments(["x"])
        }
        #expect(
            Self.message(result).contains(
                #"ArgumentsKeyBit cannot use the parameter ["x"]; it expects positions such as [0, -1]"#))
    }

    @Test func `Overriding a bit with unusable parameters stops the program`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let key: KeyConstructor = ["id": .pathParameters]
            _ = key.overriding(["id": [0]])
        }
        #expect(Self.message(result).contains("PathParametersKeyBit cannot use the parameter [0]"))
    }

    @Test func `Names and positions together stop the program`() async {
        await #expect(processExitsWith: .failure) { _ = KeyConstructor.Bit.arguments(["x", 0]) }
    }

    @Test func `Empty lists select nothing for every bit`() {
        for none in [KeyParameters.names([]), .indices([]), .nothing] {
            let bits: KeyConstructor = [
                "a": .arguments(none), "c": .cookies(none), "h": .headers(none), "m": .requestMeta(none),
                "p": .pathParameters(none), "q": .queryParameters(none),
            ]
            #expect(bits.separates == .none)
        }
    }

    static func message(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}
