import pytest
import torch
from torch import fx, nn
from torch.nn import functional as F

from modules.surgery.activations import ACTIVATIONS, FUNCTIONS, KINDS, activation_call, set_in_transformers

ROWS = torch.randn(3, 5, 4)


@pytest.mark.parametrize("name", [name for name in KINDS if name != "prelu"])
def test_a_name_means_the_same_as_module_and_as_function(name):
    function = getattr(F, name)
    assert torch.equal(KINDS[name]()(ROWS), function(ROWS))
    traced = fx.symbolic_trace(lambda x: function(x))
    assert [call for node in traced.graph.nodes if (call := activation_call(node))] == [name]


@pytest.mark.parametrize("name", ["relu_", "leaky_relu_", "elu_", "selu_", "celu_", "rrelu_"])
def test_what_works_in_place_has_the_name_of_what_does_not(name):
    traced = fx.symbolic_trace(lambda x: getattr(F, name)(x))
    assert [call for node in traced.graph.nodes if (call := activation_call(node))] == [name.rstrip("_")]


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax, torch.exp, F.dropout, F.normalize, torch.abs])
def test_other_functions_are_no_activations(function):
    assert function not in FUNCTIONS
    assert not any(
        isinstance(module, ACTIVATIONS) for module in (nn.Softmax(), nn.LogSoftmax(), nn.Dropout(), nn.Identity())
    )


@pytest.mark.parametrize("layer", [nn.TransformerEncoderLayer, nn.TransformerDecoderLayer])
def test_transformer_layers_get_another_as_a_module(layer):
    model = layer(4, 2, 8, dropout=0.0, batch_first=True).double().eval()
    assert set_in_transformers(model, "prelu") == 1
    assert isinstance(model.activation, nn.PReLU)
    assert model.activation.weight.dtype == torch.float64
    assert not model.activation.training
    assert set_in_transformers(model, "prelu") == 0


@pytest.mark.parametrize("activation", [F.relu, F.gelu, nn.ReLU(), nn.GELU(), torch.tanh])
def test_the_fast_path_of_eval_mode_does_not_bring_the_old_one_back(activation):
    model = nn.TransformerEncoderLayer(4, 2, 8, activation=activation, batch_first=True).eval()
    set_in_transformers(model, "softplus")
    if isinstance(activation, nn.Module):  # as the factor does with all modules
        model.activation = nn.Softplus()
    with torch.no_grad():
        fast = model(ROWS)
    assert torch.allclose(fast, model(ROWS), atol=1e-6)
    assert isinstance(model.activation, nn.Softplus)


@pytest.mark.parametrize("activation", [F.relu, nn.ReLU()])
def test_the_same_activation_stays(activation):
    model = nn.TransformerEncoderLayer(4, 2, 8, activation=activation)
    assert set_in_transformers(model, "relu") == 0
    assert model.activation is activation
    assert model.activation_relu_or_gelu == 1
