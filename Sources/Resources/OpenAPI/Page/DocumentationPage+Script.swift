extension DocumentationPage {
    /// The SHA-256 of the script in base64, which a test compares with the script.
    static let scriptHash = "a8urRJvgJSZR5OElcIeRAcaZY35UGy7CaZZxtaVF5i8="

    /// The script of the page. It creates elements and sets their text, and never parses HTML.
    static let script = #"""
        "use strict";
        const reference = document.documentElement.dataset.document;
        const address = new URL(reference, location.href);
        let api;

        // --- elements

        function element(name, attributes, ...children) {
          const result = document.createElement(name);
          for (const [key, value] of Object.entries(attributes || {})) {
            if (value !== undefined && value !== false) result.setAttribute(key, value === true ? "" : value);
          }
          result.append(...children.filter((child) => child !== undefined && child !== null));
          return result;
        }

        function table(caption, heads, rows) {
          if (!rows.length) return null;
          return element("table", {}, element("caption", {}, caption),
            element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
            element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map((cell, index) =>
              element(index ? "td" : "th", index ? {} : { scope: "row" }, cell))))));
        }

        // --- the document

        function resolved(part) {
          let result = part;
          for (let depth = 0; result && result.$ref && depth < 20; depth += 1) {
            result = result.$ref.split("/").slice(1).reduce((value, name) => value && value[name], api);
          }
          return result || {};
        }

        function schemaLink(schema) {
          if (!schema || !schema.$ref) return element("span", {}, schemaText(schema));
          const name = schema.$ref.split("/").pop();
          return element("a", { href: "#schema-" + name }, name);
        }

        function schemaText(schema) {
          if (!schema) return "";
          if (schema.$ref) return schema.$ref.split("/").pop();
          if (schema.anyOf) return schema.anyOf.map(schemaText).join(" or ");
          if (schema.const !== undefined) return JSON.stringify(schema.const);
          if (schema.type === "array") return "list of " + (schema.items && schema.items.enum ? schema.items.enum.join(", ") : schemaText(schema.items)) + limits(schema);
          const type = [].concat(schema.type || "any value").join(" or ");
          return (schema.enum ? schema.enum.map((value) => JSON.stringify(value)).join(", ") : type) + limits(schema);
        }

        function limits(schema) {
          const parts = [];
          const names = { minimum: "from", maximum: "to", minLength: "minimum length", maxLength: "maximum length", minItems: "at least", maxItems: "at most" };
          for (const [name, text] of Object.entries(names)) {
            if (schema[name] !== undefined && Math.abs(schema[name]) < 2 ** 53) parts.push(text + " " + schema[name]);
          }
          if (schema.default !== undefined) parts.push("default " + JSON.stringify(schema.default));
          if (schema.readOnly) parts.push("read-only");
          return parts.length ? " (" + parts.join(", ") + ")" : "";
        }

        function exampleOf(schema) {
          if (!schema) return undefined;
          if (schema.example !== undefined) return schema.example;
          if (schema.examples) return schema.examples[0];
          return undefined;
        }

        // --- operations

        function operationView(path, method, item, operation) {
          const parameters = [...(item.parameters || []), ...(operation.parameters || [])].map(resolved);
          const view = element("details", { id: operation.operationId });
          view.append(element("summary", {}, element("span", { class: "method" }, method.toUpperCase()), " ",
            element("code", {}, path), " ", operation.summary || ""));
          view.addEventListener("toggle", () => {
            if (!view.open || view.querySelector("form")) return;
            view.append(element("div", {}, requestForm(path, method, parameters, operation), responseTable(operation)));
          });
          return view;
        }

        function responseTable(operation) {
          return table("Responses", ["Status", "Description", "Content", "Header fields"],
            Object.entries(operation.responses || {}).map(([status, reference]) => {
              const response = resolved(reference);
              const content = Object.entries(response.content || {}).map(([type, media]) =>
                element("div", {}, element("code", {}, type), " ", schemaLink(media.schema)));
              return [element("strong", {}, status), response.description || "", element("div", {}, ...content),
                Object.keys(response.headers || {}).join(", ")];
            }));
        }

        function requestForm(path, method, parameters, operation) {
          const id = operation.operationId;
          const form = element("form", { "aria-label": "Request " + method.toUpperCase() + " " + path });
          const inputs = new Map();
          const rows = parameters.map((parameter) => {
            const name = id + "-" + parameter.in + "-" + parameter.name;
            const example = exampleOf(parameter.schema);
            const input = element("input", { id: name, name: parameter.name, required: parameter.required, autocomplete: "off", spellcheck: "false",
              // URLs resolve a part of only dots.
              pattern: parameter.in === "path" ? "(?!\\.{1,2}$).+" : undefined,
              value: parameter.in === "path" ? example : undefined, placeholder: parameter.in === "path" ? undefined : example });
            inputs.set(parameter, input);
            return [element("label", { for: name }, element("code", {}, parameter.name), parameter.required ? " *" : ""), input,
              element("div", { class: "note" }, parameter.description || "", " ", element("code", {}, schemaText(parameter.schema)))];
          });
          form.append(...[table("Parameters (* required)", ["Name", "Value", "Meaning"], rows)].filter(Boolean));
          const accept = responseTypes(operation);
          const acceptSelect = element("select", { id: id + "-accept" }, ...accept.map((type) => element("option", {}, type)));
          if (accept.length) form.append(element("label", { for: acceptSelect.id }, "Accept"), acceptSelect);
          const body = bodyFields(id, resolved(operation.requestBody));
          form.append(...body.elements, element("button", {}, "Send request"));
          const output = element("div", { role: "status" });
          form.append(output);
          form.addEventListener("submit", (event) => {
            event.preventDefault();
            const headers = {};
            const query = [];
            let target = path;
            for (const [parameter, input] of inputs) {
              if (parameter.in === "path") target = target.replace("{" + parameter.name + "}", encodeURIComponent(input.value));
              if (!input.value || parameter.in === "path") continue;
              if (parameter.in === "query") query.push(encodeURIComponent(parameter.name) + "=" + encodeURIComponent(input.value));
              if (parameter.in === "header") headers[parameter.name] = input.value;
            }
            const token = document.getElementById("token").value;
            if (token) headers.Authorization = "Bearer " + token;
            if (accept.length) headers.Accept = acceptSelect.value;
            let content = body.type ? body.text.value : undefined;
            if (body.type && body.type.value === "multipart/form-data") {
              // The browser writes the Content-Type with the boundary of the form.
              content = new FormData();
              content.append("file", new Blob([body.text.value], { type: "text/csv" }), "items.csv");
            } else if (body.type) {
              headers["Content-Type"] = body.type.value;
            }
            const url = new URL("." + target + (query.length ? "?" + query.join("&") : ""), new URL(".", address));
            send(url, { method: method.toUpperCase(), headers, body: content, cache: "no-store" }, output);
          });
          return form;
        }

        function responseTypes(operation) {
          const types = new Set();
          for (const reference of Object.values(operation.responses || {})) {
            for (const type of Object.keys(resolved(reference).content || {})) types.add(type);
          }
          return [...types].sort((left, right) => (left === "application/json" ? -1 : right === "application/json" ? 1 : 0));
        }

        function bodyFields(id, body) {
          const types = Object.entries(body.content || {});
          if (!types.length) return { elements: [] };
          const type = element("select", { id: id + "-type" }, ...types.map(([name]) => element("option", {}, name)));
          const text = element("textarea", { id: id + "-body", spellcheck: "false" });
          const note = element("p", { class: "note" });
          const update = () => {
            const media = body.content[type.value];
            // The text of a form is that of its file.
            const shown = type.value === "multipart/form-data" && body.content["text/csv"] ? body.content["text/csv"] : media;
            text.value = typeof shown.example === "string" ? shown.example : JSON.stringify(shown.example || {}, null, 2);
            note.replaceChildren(body.description || "", " ", schemaLink(media.schema));
          };
          type.addEventListener("change", update);
          update();
          return { type, text, elements: [element("label", { for: type.id }, "Content-Type"), type,
            element("label", { for: text.id }, "Body"), text, note] };
        }

        async function send(url, options, output) {
          const start = performance.now();
          output.replaceChildren(element("p", {}, "Sending " + options.method + " " + url.pathname + url.search));
          try {
            const response = await fetch(url, options);
            const text = await response.text();
            const time = (performance.now() - start).toFixed(0);
            let shown = text;
            if ((response.headers.get("Content-Type") || "").includes("json")) {
              try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { shown = text; }
            }
            output.replaceChildren(...[
              element("p", {}, element("code", {}, options.method + " " + url.pathname + url.search)),
              element("p", {}, element("strong", { class: "status" }, response.status + " " + response.statusText), " in " + time + " ms"),
              table("Header fields", ["Name", "Value"], [...response.headers].map(([name, value]) => [name, element("code", {}, value)])),
              shown ? element("pre", { tabindex: "0" }, shown) : null].filter(Boolean));
          } catch (error) {
            output.replaceChildren(element("p", {}, element("strong", {}, "The request failed: "), String(error)));
          }
        }

        // --- schemas

        function schemaView(name, schema) {
          const required = new Set(schema.required || []);
          const rows = Object.entries(schema.properties || {}).map(([property, value]) => [
            element("code", {}, property + (required.has(property) ? " *" : "")),
            value.$ref ? schemaLink(value) : value.items && value.items.$ref ? element("span", {}, "list of ", schemaLink(value.items)) : schemaText(value),
            exampleOf(value) === undefined ? "" : element("code", {}, JSON.stringify(exampleOf(value)))]);
          return element("section", { id: "schema-" + name },
            ...[table(name + " (* required)", ["Member", "Value", "Example"], rows) || element("p", {}, element("strong", {}, name), " ", schema.description || schemaText(schema))]);
        }

        // --- start

        function show() {
          document.getElementById("about").append("Version " + api.info.version + ", OpenAPI " + api.openapi + ", ",
            element("a", { href: address.pathname }, "the description as JSON"), ". ", api.info.description || "");
          const sections = new Map((api.tags || []).map((tag) => [tag.name, []]));
          for (const [path, item] of Object.entries(api.paths || {})) {
            for (const method of ["get", "post", "put", "patch", "delete", "head", "options"]) {
              if (!item[method]) continue;
              const tag = (item[method].tags || ["Other"])[0];
              if (!sections.has(tag)) sections.set(tag, []);
              sections.get(tag).push(operationView(path, method, item, item[method]));
            }
          }
          const main = document.getElementById("main");
          const names = [...sections.keys()];
          main.replaceChildren(...names.map((name, index) =>
            element("section", { "aria-labelledby": "resource-" + index }, element("h2", { id: "resource-" + index }, name), ...sections.get(name))));
          const schemas = Object.entries((api.components || {}).schemas || {});
          main.append(element("h2", { id: "schemas" }, "Schemas"), ...schemas.map(([name, schema]) => schemaView(name, schema)));
          document.getElementById("contents").append(element("ul", {},
            ...names.map((name, index) => element("li", {}, element("a", { href: "#resource-" + index }, name))),
            element("li", {}, element("a", { href: "#schemas" }, "Schemas"))));
          const named = [...document.querySelectorAll("details")].find((view) => location.hash === "#" + encodeURIComponent(view.id));
          if (named) named.open = true;
        }

        fetch(address).then(async (response) => {
          if (!response.ok) throw new Error("status " + response.status);
          api = await response.json();
          show();
        }).catch((error) => {
          document.getElementById("main").replaceChildren(element("p", { role: "alert" }, "The description could not be loaded: " + error));
        });
        """#
}
