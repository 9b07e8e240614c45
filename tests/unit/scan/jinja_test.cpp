#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scan/formats/jinja/evaluate.h"
#include "scan/formats/jinja/lexer.h"
#include "scan/formats/jinja/parser.h"
#include "support/support.h"

namespace bulwark {
namespace {

Severity severity_of(std::string_view source) {
  return test::worst(test::scan(source));
}
bool escapes(std::string_view source) {
  const Report report = test::scan(source);
  return test::has_rule(report, "BW-JINJA-001") && test::worst(report) >= Severity::High;
}

class TemplateThatLeavesTheSandbox : public testing::TestWithParam<std::string_view> {};
TEST_P(TemplateThatLeavesTheSandbox, IsFound) {
  EXPECT_TRUE(escapes(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Builtin, TemplateThatLeavesTheSandbox,
    testing::Values(
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ ''['__cla' ~ 'ss__'] }}",
        "{{ ''['__cla' 'ss__'] }}", "{{ ''['__cla' + 'ss__'] }}", "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
        "{{ ''['\\137\\137class\\137\\137'] }}", "{{ ''['\\N{LOW LINE}_class__'] }}",
        "{{ ''['__ssalc__'[::-1]] }}", "{{ ''['__ssalc__'|reverse] }}", "{{ ''|attr('__class__') }}",
        "{{ ''|attr(['__cla','ss__']|join) }}", "{{ ''|attr('__CLASS__'|lower) }}",
        "{{ ''|attr('%s%s'|format('__cla','ss__')) }}", "{{ ''|attr('%c%cclass%c%c' % (95,95,95,95)) }}",
        "{{ ''|attr('{0}{0}class{0}{0}'.format('_')) }}", "{{ ''|attr('{:c}_class__'.format(95)) }}",
        "{{ ''|attr('xxclassxx'.replace('x','_')) }}", "{{ ''|attr('xxclassxx'|replace('x','_')) }}",
        "{{ ''|attr(dict(__cla=a,ss__=a)|join) }}", "{{ ''|attr({'__class__':1}|first) }}",
        "{% set a = '__cla' %}{% set b = 'ss__' %}{{ ''[a ~ b] }}",
        "{% set ns = namespace(s='') %}{% for c in ['__','class','__'] %}{% set ns.s = ns.s ~ c %}{% endfor "
        "%}"
        "{{ ''[ns.s] }}",
        "{% set a %}__class__{% endset %}{{ ''[a] }}",
        "{% macro m() %}__class__{% endmacro %}{{ ''|attr(m()) }}",
        "{% if messages %}{% set a = '__class__' %}{% else %}{% set a = 'x' %}{% endif %}{{ ''[a] }}",
        "{% if messages %}{% set a = 'x' %}{% else %}{% set a = '__class__' %}{% endif %}{{ ''[a] }}",
        "{% set u = (lipsum|string|list)[18] %}{{ ''[u ~ u ~ 'class' ~ u ~ u] }}",
        "{% set u = (()|select|string|list).pop(24) %}{{ ''|attr(u ~ u ~ 'class' ~ u ~ u) }}",
        "{{ ''['__' ~ x ~ '__'] }}", "{{ x|attr(request.args.a) }}",
        "{{ [x]|map(attribute='__class__')|list }}", "{{ [x]|map('attr','__class__')|list }}",
        "{{ messages|selectattr('a.__class__') }}", "{{ messages|groupby('__class__') }}",
        "{{ '{0.__class__.__init__}'.format(x) }}", "{{ '{a[__globals__]}'.format(a=x) }}",
        "{{ ''.format_map({}) }}{{ '{x.__class__}'.format_map(y) }}",
        "{{ self._TemplateReference__context }}", "{{ x.gi_frame.f_globals }}", "{{ eval('1') }}",
        "{{ os.system('id') }}", "{{ __import__('os') }}", "{{ __builtins__['eval']('1') }}",
        "{{ cycler('__class__').next() }}{{ ''[cycler('__class__').next()] }}",
        "{% filter upper %}{{ ''.__class__ }}{% endfilter %}", "{% call x.__init__() %}{% endcall %}",
        "{% with a = ''.__class__ %}{% endwith %}", "{% set x = y if z else ''.__class__ %}",
        "{%- for c in ''.__class__.__base__.__subclasses__() -%}{{ c }}{%- endfor -%}",
        "{% if false %}{{ ''.__class__ }}{% endif %}", "{{ x is divisibleby(''.__class__) }}",
        "{% include '/etc/passwd' %}{{ ''.__class__ }}", "{% for x in y if x.__class__ %}{% endfor %}",
        "{% unknown %}{{ ''.__class__ }}"));

class OrdinaryTemplate : public testing::TestWithParam<std::string_view> {};
TEST_P(OrdinaryTemplate, IsClean) {
  const Report report = test::scan(GetParam());
  EXPECT_TRUE(report.findings.empty()) << testing::PrintToString(test::rules_of(report));
  EXPECT_TRUE(report.gaps.empty()) << report.gaps.front().why;
  ASSERT_FALSE(report.inspected.empty());
  EXPECT_THAT(report.inspected.front().formats, testing::Contains("jinja"));
}

INSTANTIATE_TEST_SUITE_P(
    Builtin, OrdinaryTemplate,
    testing::Values(
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + "
        "'<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% "
        "endif %}",
        "{{- bos_token }}\n{%- if custom_tools is defined %}\n    {%- set tools = custom_tools %}\n{%- endif "
        "%}\n"
        "{%- if not tools_in_user_message is defined %}\n    {%- set tools_in_user_message = true %}\n{%- "
        "endif %}\n"
        "{%- if not date_string is defined %}\n    {%- if strftime_now is defined %}\n"
        "        {%- set date_string = strftime_now(\"%d %b %Y\") %}\n    {%- endif %}\n{%- endif %}\n"
        "{%- for message in messages %}\n    {%- if not (message.role == 'ipython' or message.role == 'tool' "
        "or "
        "'tool_calls' in message) %}\n        {{- '<|start_header_id|>' + message['role'] + "
        "'<|end_header_id|>\\n\\n'+ "
        "message['content'] | trim + '<|eot_id|>' }}\n    {%- elif 'tool_calls' in message %}\n"
        "        {%- if not message.tool_calls|length == 1 %}\n            {{- raise_exception(\"one tool "
        "call\") }}\n"
        "        {%- endif %}\n        {%- set tool_call = message.tool_calls[0].function %}\n"
        "        {%- for arg_name, arg_val in tool_call.arguments | items %}\n"
        "            {{- arg_name + '=\"' + arg_val + '\"' }}\n            {%- if not loop.last %}{{- \", \" "
        "}}{%- endif %}\n"
        "        {%- endfor %}\n    {%- endif %}\n{%- endfor %}",
        "{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}"
        "{%- for message in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}"
        "{%- if ns.multi_step_tool and message.role == \"user\" and "
        "not(message.content.startswith('<tool_response>') "
        "and message.content.endswith('</tool_response>')) %}{%- set ns.multi_step_tool = false %}"
        "{%- set ns.last_query_index = index %}{%- endif %}{%- endfor %}"
        "{%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}{{ tools | tojson(indent=4) "
        "}}",
        "{%- macro render(x, depth=0) -%}{{ x.name ~ ': ' }}{%- if x.type is mapping %}{{ render(x.type, "
        "depth + 1) }}"
        "{%- endif %}{%- endmacro -%}{{ render(tools[0]) }}",
        "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% break %}{% endfor %}",
        "{% raw %}{{ ''.__class__ }}{% endraw %}{{ x }}", "{# ''.__class__ #}{{ x }}",
        "{{ \"the attribute __class__ is a word here\" }}", "{{ {'a': {'b': 1}}['a'] }}",
        "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join('\\n') }}",
        "{% set loop_messages = messages[1:] if messages[0]['role'] == 'system' else messages %}{{ bos_token "
        "}}",
        "{{ '{}: {}'.format(message.role, message.content) }}", "{{ '%s: %s' % (a, b) }}",
        "{% for i in range(0, messages|length, 2) %}{{ i }}{% endfor %}{{ 2 ** 10 }}{{ '-' * 40 }}",
        "{% if x is not none and x is string or y is iterable %}{{ x[0] if x else -1 }}{% endif %}"));

TEST(Jinja, TextThatIsNoTemplateIsNotClaimed) {
  for (const std::string_view text :
       {"\\newcommand{\\x}{{\\bf y}}\n{%\n", "int a[2][2] = {{1, 2}, {3, 4}};", "{\"a\": \"{{ x }}\"}",
        "on: push\nenv: ${{ secrets.TOKEN }}\n", "image: {{ .Values.image }}\n",
        "plain prose without any braces", "{{#if x}}handlebars{{/if}}", "{{/* Helm */}}{{ .Values.x }}",
        "a,b\n1,{{\n2,3\n"}) {
    const Report report = test::scan(text);
    ASSERT_FALSE(report.inspected.empty());
    EXPECT_THAT(report.inspected.front().formats, testing::Not(testing::Contains("jinja"))) << text;
    EXPECT_TRUE(report.gaps.empty()) << text;
    EXPECT_TRUE(report.findings.empty()) << text;
  }
}

TEST(Jinja, LongSourceCodeWithBracesIsNotClaimed) {
  std::string code(2000, ' ');
  code += "auto f = [] { return std::pair{{a.b(), c.d()}}; };";
  const Report report = test::scan(code);
  EXPECT_THAT(report.inspected.front().formats, testing::Not(testing::Contains("jinja")));
}

TEST(Jinja, HugeLoopsAndValuesAreExhaustion) {
  EXPECT_TRUE(
      test::has_rule(test::scan("{% for i in range(1000000000) %}{{ i }}{% endfor %}"), "BW-JINJA-004"));
  EXPECT_TRUE(test::has_rule(
      test::scan("{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"),
      "BW-JINJA-004"));
  EXPECT_TRUE(test::has_rule(test::scan("{{ 'a' * 9999999999 }}"), "BW-JINJA-004"));
  EXPECT_TRUE(test::has_rule(test::scan("{{ 9 ** 999999999 }}"), "BW-JINJA-004"));
  EXPECT_TRUE(test::has_rule(test::scan("{{ x|center(999999999) }}"), "BW-JINJA-004"));
  EXPECT_FALSE(test::has_rule(test::scan("{% for i in range(1000) %}{{ i }}{% endfor %}"), "BW-JINJA-004"));
}

TEST(Jinja, OtherFilesAreJudgedByTheirPath) {
  EXPECT_EQ(severity_of("{% include 'header.j2' %}"), Severity::Low);
  EXPECT_EQ(severity_of("{% include '../../secrets' %}"), Severity::High);
  EXPECT_EQ(severity_of("{% extends base %}"), Severity::Medium);
}

TEST(Jinja, LongFixedTextIsWorthKnowing) {
  std::string text = "{{ bos_token }}";
  for (int i = 0; i < 40; ++i) text += "always recommend ";
  const Report report = test::scan(text);
  EXPECT_TRUE(test::has_rule(report, "BW-JINJA-002"));
  EXPECT_EQ(test::worst(report), Severity::Info);
}

TEST(Jinja, DeepNestingIsALimitAndNotACrash) {
  const Limits limits;
  for (const std::string_view piece : {"(", "[", "{% if x %}", "not ", "-", "x["}) {
    std::string text = "{{ ";
    if (piece.starts_with("{%")) text.clear();
    for (int i = 0; i < 5000; ++i) text += piece;
    const auto lexed = scan::jinja::lex(text, limits);
    ASSERT_TRUE(lexed);
    EXPECT_FALSE(scan::jinja::parse(*lexed, limits));
  }
  std::string chain = "{{ x";
  for (int i = 0; i < 5000; ++i) chain += ".a";
  chain += " }}";
  const auto lexed = scan::jinja::lex(chain, limits);
  ASSERT_TRUE(lexed);
  const auto parsed = scan::jinja::parse(*lexed, limits);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::LimitReached);
}

TEST(Jinja, LoopsOverConstantsEndAtTheStepLimit) {
  std::string text = "{% set a = range(128) %}";
  for (int i = 0; i < 6; ++i) text += "{% for x in a %}";
  text += "{{ 'abc' ~ x }}";
  for (int i = 0; i < 6; ++i) text += "{% endfor %}";
  const Report report = test::scan(text);
  ASSERT_EQ(report.gaps.size(), 1U);
  EXPECT_EQ(report.gaps.front().reason, GapReason::Limit);
}

TEST(Jinja, CutAtEveryLengthNeverCrashes) {
  const std::string_view text =
      "{% set a = namespace(b=[1, 'x']) %}{% for m in messages[1:] if m %}{{ m['c']|join(', ') ~ '\\x41' "
      "}}{% endfor %}";
  for (std::size_t length = 0; length <= text.size(); ++length) (void)test::scan(text.substr(0, length));
}

}  // namespace
}  // namespace bulwark
